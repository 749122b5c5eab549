#!/usr/bin/env node
/**
 * The `tillmesh` program. The rest is TypeScript that only Node 24 runs as it is: an older Node starts the
 * one that was installed with the dependencies. Plain JavaScript of Node 20, so that it can say so.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) await import('./main.ts');
else runUnderBundledNode();

function runUnderBundledNode() {
  let program;
  try {
    const installed = createRequire(import.meta.url).resolve('node/package.json');
    program = join(dirname(installed), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    process.stderr.write(
      `Tillmesh needs Node 24, this is ${process.version}: run "npm ci" in its directory, then try again.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(program, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the child decides when it is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`The installed Node does not start: ${error.message}. Run "npm ci".\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}
