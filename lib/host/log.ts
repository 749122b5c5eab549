/**
 * The one logger: JSON lines to a stated file, readable by its owner only. Secrets are replaced by their
 * field names, so a careless `log.info({ ...options })` still leaves no password in a file that people send around.
 */
import { renameSync, statSync } from 'node:fs';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export type LoggerOptions = {
  /** Path of the log; its directory is made. */
  readonly file: string;
  readonly level?: LogLevel;
  /** Who writes: `relay`, `S01-T1`. */
  readonly name: string;
};

const secretFields = [
  'password',
  'pin',
  'token',
  'secret',
  'authorization',
  'cookie',
  'url',
  'databaseUrl',
  'joinCode',
  'keyPem',
  'privateKey',
] as const;

/** Begun anew at a start that finds the file larger than this; the one before stays as `<file>.1`. */
const rotateBytes = 32 * 1024 * 1024;

/** Writes are synchronous: the last line before a crash is the one that is needed. */
export function createLogger(options: LoggerOptions): Logger {
  rotate(options.file);
  const stream = destination({ dest: options.file, mkdir: true, sync: true, mode: 0o600 });
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      timestamp: stdTimeFunctions.isoTime,
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: (value, path) => censored(value, path.at(-1)),
      },
    },
    stream,
  );
}

/** Says nothing: for tests and for tools that print their result themselves. */
export const silentLogger = (): Logger => pino({ level: 'silent' });

/** An address is worth knowing; only what stands before its `@` is not. */
const censored = (value: unknown, field: string | undefined): string =>
  typeof value === 'string' && (field === 'url' || field === 'databaseUrl')
    ? value.replace(/\/\/[^/]*@/, '//[secret]@')
    : '[secret]';

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateBytes) renameSync(file, `${file}.1`);
}
