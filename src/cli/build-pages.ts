/** Builds the screens when the build is missing or older than what it is made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isTillmeshError, TillmeshError } from '#lib/domain/errors.ts';
import { lockDirectory, type DirectoryLock } from '#lib/storage/directory-lock.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const inUse = join(root, 'build');
const inWork = join(root, 'build.new');
const product = join(inUse, 'handler.js');
const workshop = join(root, 'node_modules', '.cache', 'tillmesh', 'build');

/** The screens are made of these; the command line beside them is not in the build. */
const sources = ['src', 'lib', 'static', 'svelte.config.js', 'vite.config.ts', 'package-lock.json'];
const apart = new Set([join(root, 'src', 'cli')]);

/**
 * `onBuild` is told before a build begins: it takes some seconds. One process builds at a time, the others wait and take
 * what it made: two that write one folder leave scripts of both in it.
 */
export async function buildPagesIfStale(
  onBuild: () => void = () => undefined,
): Promise<'built' | 'fresh'> {
  if (isFresh()) return 'fresh';
  const lock = await lockWorkshop();
  try {
    if (isFresh()) return 'fresh';
    onBuild();
    const begunAt = new Date();
    rmSync(inWork, { recursive: true, force: true });
    await runVite();
    // What was edited while it was built may not be in it.
    utimesSync(join(inWork, 'handler.js'), begunAt, begunAt);
    // A process that serves pages would load half of what is being written, and keep its failure for ever.
    rmSync(inUse, { recursive: true, force: true });
    renameSync(inWork, inUse);
    return 'built';
  } finally {
    lock.release();
  }
}

function isFresh(): boolean {
  const builtMs = statSync(product, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.every((name) => newestMs(join(root, name)) <= builtMs);
}

async function lockWorkshop(): Promise<DirectoryLock> {
  mkdirSync(workshop, { recursive: true });
  for (;;) {
    try {
      return lockDirectory(workshop);
    } catch (error) {
      if (!isTillmeshError(error, 'DIRECTORY_LOCKED')) throw error;
      await sleep(250);
    }
  }
}

function newestMs(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || apart.has(path)) return 0;
  if (!stat.isDirectory()) return path.endsWith('.test.ts') ? 0 : stat.mtimeMs;
  // A directory's own time tells of files that were taken away.
  const inside = readdirSync(path).map((name) => newestMs(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

async function runVite(): Promise<void> {
  const packageFile = createRequire(import.meta.url).resolve('vite/package.json');
  const program = join(dirname(packageFile), 'bin', 'vite.js');
  const child = spawn(process.execPath, [program, 'build', '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A test run sets another mode, and a build of that would be kept for everybody.
    env: { ...process.env, NODE_ENV: 'production', TILLMESH_BUILD_DIRECTORY: inWork },
  });
  // Vite's own words are of interest only when it fails.
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (words += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new TillmeshError('PROCESS_FAILED', `vite build: ${words.trim()}`);
}
