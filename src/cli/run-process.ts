/**
 * The life of a long-running process: start, one ready line, then until a signal (or, for a child of another
 * command, until the parent is gone) and a clean stop. A second signal ends it at once.
 */
import type { Running } from './options.ts';
import { type Hosts, readyLine } from './ready-text.ts';
import { exitCodes, reportFailure } from './report.ts';

/** A stop that hangs must not keep a till from being started again. */
const stopWithinMs = 12_000;

export type RunOptions = {
  readonly untilStdinCloses: boolean;
  readonly debug: boolean;
  readonly json: boolean;
};

export async function runProcess(
  start: () => Promise<Running>,
  options: RunOptions & { readonly hosts: Hosts },
): Promise<never> {
  const asked = stopRequest(options.untilStdinCloses);
  const fail = (error: unknown): never => {
    process.exit(reportFailure(error, options));
  };
  process.on('uncaughtException', fail);
  // A till goes on selling: what was lost is one background task, and it is said. Nothing of ours leaves one unhandled.
  process.on('unhandledRejection', (error) => {
    process.stderr.write(
      `unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  });
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    return fail(error);
  }
  const { json, hosts } = options;
  const isTerminal = process.stdout.isTTY;
  const say = ({ ready }: Running): void =>
    void process.stdout.write(readyLine(ready, hosts, { json, isTerminal, pid: process.pid }));
  say(running);
  running.next?.then(say, fail);
  await asked;
  setTimeout(() => {
    process.stderr.write('The stop took too long: ended without it.\n');
    process.exit(exitCodes.failed);
  }, stopWithinMs);
  try {
    await running.stop();
  } catch (error) {
    return fail(error);
  }
  process.exit(exitCodes.done);
}

/** Resolves with the first request to stop; the second signal ends the process where it stands. */
export function stopRequest(untilStdinCloses: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let times = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      times += 1;
      if (times > 1) process.exit(exitCodes.failed);
      resolve();
    });
  }
  if (untilStdinCloses) process.stdin.on('end', resolve).on('error', resolve).resume();
  return promise;
}
