/** Entry of the command line under Node 24. `tillmesh.js` brings older ones here. */
import { buildProgram } from './program.ts';
import { reportFailure } from './report.ts';

const { argv } = process;
try {
  await buildProgram().parseAsync(argv);
} catch (error) {
  process.exitCode = reportFailure(error, {
    json: argv.includes('--json'),
    debug: argv.includes('--debug'),
  });
}
