/** How the command line speaks: results on standard output, one clear sentence on standard error, a fitting exit code. */
import { CommanderError } from 'commander';
import { ZodError } from 'zod';
import { isTillmeshError } from '#lib/domain/errors.ts';

export const exitCodes = {
  done: 0,
  /** The command ran and failed, or found something wrong. */
  failed: 1,
  /** It was not understood: an unknown option, a missing argument. */
  usage: 2,
} as const;

export type Output = {
  out(text: string): void;
  err(text: string): void;
};

export const terminal: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** Says why a command failed and answers with the exit code. With `--json` the result is `{error: {code, message}}`. */
export function reportFailure(
  error: unknown,
  options: { readonly json: boolean; readonly debug: boolean },
  to: Output = terminal,
): number {
  // Commander has printed help, version or the complaint itself.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  const { code, message } = describe(error);
  if (options.json) to.out(`${JSON.stringify({ error: { code, message } })}\n`);
  to.err(`${message}\n`);
  if (options.debug && error instanceof Error) to.err(`${error.stack ?? ''}\n${causes(error)}`);
  return exitCodes.failed;
}

function describe(error: unknown): { code: string; message: string } {
  if (isTillmeshError(error)) return { code: error.code, message: error.message };
  if (error instanceof ZodError) {
    const first = error.issues[0];
    return {
      code: 'INPUT_INVALID',
      message: `An answer or file has not the expected form (${first?.path.join('.') ?? ''}: ${first?.message ?? ''}).`,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { code: 'UNEXPECTED', message: `Unexpected: ${oneLine(text)} (--debug shows more)` };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

function causes(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return '';
  return `caused by ${cause.stack ?? cause.message}\n${causes(cause)}`;
}
