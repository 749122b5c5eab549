/**
 * A Chromium for the tests: a configured one, one of the system, or the one that npm brought
 * (unpacked once, with the libraries that a bare machine lacks). Undefined where there is none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

type Program = { readonly path: string; readonly libraries?: string };

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const cache = fileURLToPath(new URL('../../node_modules/.cache/tillmesh/', import.meta.url));

/** `extra`: of the command line, for what a test needs to pretend. */
export async function launchBrowser(extra: readonly string[] = []): Promise<Browser | undefined> {
  const program = configured() ?? ofSystem() ?? (await fromNpm());
  if (!program) return undefined;
  return chromium.launch({
    executablePath: program.path,
    // Root in a container has no user namespace to put the sandbox in.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', ...extra],
    ...(program.libraries !== undefined && {
      env: { ...process.env, LD_LIBRARY_PATH: program.libraries },
    }),
  });
}

function configured(): Program | undefined {
  const path = process.env['CHROMIUM'];
  return path === undefined || path === '' ? undefined : { path };
}

function ofSystem(): Program | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const path = [
    ...directories.flatMap((directory) => names.map((name) => join(directory, name))),
    chromium.executablePath(),
  ].find(isExecutable);
  return path === undefined ? undefined : { path };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function fromNpm(): Promise<Program | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packed = join(dirname(entry), '..', '..', 'bin');
  const home = join(cache, 'chromium');
  if (!existsSync(home)) {
    // A run that is stopped half-way must not leave half a browser behind.
    const unpacking = join(cache, `chromium.${process.pid}`);
    mkdirSync(unpacking, { recursive: true });
    await unbrotli(join(packed, 'chromium.br'), join(unpacking, 'chromium'));
    chmodSync(join(unpacking, 'chromium'), 0o755);
    // By way of a file: tar stops reading before the end of its input.
    const libraries = join(unpacking, 'libraries.tar');
    await unbrotli(join(packed, 'al2023.tar.br'), libraries);
    await untar(libraries, unpacking);
    try {
      renameSync(unpacking, home);
    } catch (error) {
      // Another worker was faster.
      if (!existsSync(home)) throw error;
      rmSync(unpacking, { recursive: true });
    }
  }
  return { path: join(home, 'chromium'), libraries: join(home, 'lib') };
}

async function unbrotli(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

async function untar(file: string, into: string): Promise<void> {
  const tar = spawn('tar', ['-x', '-f', file, '-C', into], { stdio: 'inherit' });
  const [code] = (await once(tar, 'close')) as [number];
  if (code !== 0) throw new Error(`tar ended with ${code}`);
}
