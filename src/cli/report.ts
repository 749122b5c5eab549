/** How the command line speaks: results on standard output, one clear sentence on standard error, a fitting exit code. */
import { CommanderError } from 'commander';
import { ZodError } from 'zod';
import { basename } from 'node:path';
import { ImportRefused } from '#lib/demo/import-problems.ts';
import { isTillmeshError, type TillmeshError } from '#lib/domain/errors.ts';

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

/** Says why a command failed and answers with the exit code. With `--json` the result is `{error: {code, message, problems?}}`. */
export function reportFailure(
  error: unknown,
  options: { readonly json: boolean; readonly debug: boolean },
  to: Output = terminal,
): number {
  // Commander has printed help, version or the complaint itself.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  const failure = describe(error);
  if (options.json) to.out(`${JSON.stringify({ error: failure })}\n`);
  to.err(`${failure.message}\n`);
  if (options.debug && error instanceof Error) to.err(`${error.stack ?? ''}\n${causes(error)}`);
  return exitCodes.failed;
}

type Failure = {
  readonly code: string;
  readonly message: string;
  /** One by one, where the message lists several. */
  readonly problems?: readonly string[];
};

function describe(error: unknown): Failure {
  if (isTillmeshError(error)) {
    return {
      code: error.code,
      message: damagedFormat(error) ?? error.message,
      ...(error instanceof ImportRefused && { problems: error.problems }),
    };
  }
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

export const formatTodo =
  'restore it from a backup, or write {"format":1,"role":"register"} into it ("relay" for head office)';

/** The one file that neither is set aside nor comes back: a person has to put it right. */
function damagedFormat({ code, detail }: TillmeshError): string | undefined {
  if (code !== 'FILE_DAMAGED' || basename(detail) !== 'format.json') return undefined;
  return `${detail} is damaged and nothing was touched: ${formatTodo}.`;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

function causes(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return '';
  return `caused by ${cause.stack ?? cause.message}\n${causes(cause)}`;
}
