/** Child processes of the relay: run one to its end, and learn how one ended. */
import type { ChildProcess } from 'node:child_process';
import type { RunAs } from './run-as.ts';

/** `exit 1`, `signal SIGKILL` or why it could not be begun; never rejects, also for one that has ended already. */
export function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return Promise.resolve(`exit ${child.exitCode}`);
  if (child.signalCode !== null) return Promise.resolve(`signal ${child.signalCode}`);
  if (child.pid === undefined) return Promise.resolve('it could not be begun');
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`));
  });
}

/** What it printed. Rejects with the last line of its complaints unless it ends with 0. */
export function runToEnd(
  as: RunAs,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = as.spawn(program, args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let complaints = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(complaints.trim().split('\n').at(-1) ?? `exit ${code}`));
    });
  });
}
