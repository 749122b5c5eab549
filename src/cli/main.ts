/**
 * Entry of the command line under Node 24. `tillmesh.js` brings older ones here. Only what must come before every
 * other module is done here; the program itself is in `program.ts`.
 */
import { enableCompileCache } from 'node:module';

// Halves the start of a till: some 200 modules are stripped of their types and compiled once, not at each start.
enableCompileCache();
silence('TimeoutNegativeWarning');

const [{ buildProgram }, { reportFailure }] = await Promise.all([
  import('./program.ts'),
  import('./report.ts'),
]);
const { argv } = process;
try {
  await buildProgram().parseAsync(argv);
} catch (error) {
  process.exitCode = reportFailure(error, {
    json: argv.includes('--json'),
    debug: argv.includes('--debug'),
  });
}

/** automerge-repo's throttle asks for negative delays, which Node takes for 1 ms: harmless, and no cashier's business. */
function silence(name: string): void {
  const others = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== name) for (const listener of others) listener(warning);
  });
}
