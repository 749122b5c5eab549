/**
 * Real child processes of this command line: started, waited for, stopped, killed. Used by the demo, the replay,
 * the crash tests and the benches. A child ends by itself when its parent is gone, so none is ever left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';

/** The line that a process prints when it can be used. Ports that it does not have are absent. */
const readySchema = z.looseObject({
  ready: z.literal(true),
  role: z.enum(['register', 'relay']),
  store: z.string(),
  terminal: z.string(),
  pid: z.number(),
  ui: z.number().optional(),
  lan: z.number().optional(),
  mesh: z.number().optional(),
  api: z.number().optional(),
  sync: z.number().optional(),
});

export type Ready = z.infer<typeof readySchema>;
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type SpawnOptions = {
  /** For messages: `register T2`. */
  readonly name?: string;
  /** The program; this command line unless a test names another. */
  readonly entry?: URL;
  readonly environment?: NodeJS.ProcessEnv;
  readonly readyWithinMs?: number;
};

/** A first start of a relay makes a database cluster; a slow disk takes its time for it. */
const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
const keptLines = 20;

const commandLine = new URL('./main.ts', import.meta.url);

export class ReadyProcess {
  readonly name: string;
  readonly ready: Ready;
  /** Resolves when the process has ended, in whatever way. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #lastWords: () => string;

  constructor(
    name: string,
    ready: Ready,
    child: ChildProcess,
    exited: Promise<Exit>,
    lastWords: () => string,
  ) {
    this.name = name;
    this.ready = ready;
    this.#child = child;
    this.exited = exited;
    this.#lastWords = lastWords;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of what the process wrote to its standard error. */
  get lastWords(): string {
    return this.#lastWords();
  }

  /** Asks it to end and waits; after the deadline it is killed with all that it has started. */
  async stop(withinMs: number = stopWithinMs): Promise<Exit> {
    if (!this.running) return this.exited;
    this.#child.kill('SIGTERM');
    const deadline = setTimeout(() => killGroup(this.#child), withinMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** `kill -9` of this process alone, as a crash would be. */
  async kill(): Promise<Exit> {
    if (this.running) this.#child.kill('SIGKILL');
    return this.exited;
  }
}

/**
 * Starts `tillmesh <args>` and waits for its ready line.
 * Throws PROCESS_FAILED with the child's own sentence when it ends or stays silent instead.
 */
export async function spawnProcess(
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<ReadyProcess> {
  const name = options.name ?? args[0] ?? 'process';
  const program = fileURLToPath(options.entry ?? commandLine);
  // automerge-repo rounds its throttle below zero now and then; as last words that would hide the real ones.
  const node = ['--disable-warning=TimeoutNegativeWarning', program];
  const child = spawn(process.execPath, [...node, ...args, '--until-stdin-closes'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal reaches the parent alone, which then stops all in order.
    detached: process.platform !== 'win32',
    ...(options.environment && { env: options.environment }),
  });
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  // A process that could not be started at all never exits; `firstLine` reports it.
  exited.catch(() => undefined);
  const lastWords = keepLastLines(child);
  try {
    const ready = await readyLine(child, exited, options.readyWithinMs ?? readyWithinMs);
    return new ReadyProcess(name, ready, child, exited, lastWords);
  } catch (error) {
    killGroup(child);
    const words = lastWords() || (error instanceof Error ? error.message : '');
    throw new TillmeshError('PROCESS_FAILED', `${name}: ${words}`, { cause: error });
  }
}

async function readyLine(
  child: ChildProcess,
  exited: Promise<Exit>,
  withinMs: number,
): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const { stdout } = child;
  if (!stdout) throw new Error('no output to read');
  // Keeps reading after the ready line, or the child would stop at a full pipe.
  createInterface({ input: stdout }).on('line', (line) => {
    const ready = parseReady(line);
    if (ready) resolve(ready);
  });
  const deadline = setTimeout(
    () => reject(new Error(`was not ready within ${withinMs / 1000} s`)),
    withinMs,
  );
  exited.then(
    ({ code, signal }) => reject(new Error(`ended with ${signal ?? `code ${code}`}`)),
    reject,
  );
  try {
    return await promise;
  } catch (error) {
    // Its last sentence may still be on the way.
    if (child.exitCode !== null) await streamEnd(child);
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

function parseReady(line: string): Ready | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return readySchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A line that only looks like JSON is somebody else's.
    return undefined;
  }
}

function keepLastLines(child: ChildProcess): () => string {
  const lines: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    });
  }
  return () => lines.join('\n').trim();
}

async function streamEnd(child: ChildProcess): Promise<void> {
  if (child.stderr && !child.stderr.readableEnded) await once(child, 'close');
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch (error) {
    // Between the look and the signal it has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
