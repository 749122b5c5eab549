/** The parent's side of `till-child.ts`: one life of the till after the other, on one directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildOrders, ChildWord } from './till-child.ts';

const program = fileURLToPath(new URL('./till-child.ts', import.meta.url));

export type Life = {
  readonly words: readonly ChildWord[];
  /** Undefined where the fuse ended it. */
  readonly steps: readonly string[] | undefined;
};

/** Runs it to its end, by the fuse or by itself. Any other end is an error with its last words. */
export async function liveOnce(orders: ChildOrders): Promise<Life> {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const words: ChildWord[] = [];
  let complaints = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    words.push(JSON.parse(line) as ChildWord);
  });
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString('utf8')));
  const deadline = setTimeout(() => child.kill('SIGTERM'), 30_000);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(deadline);
  if (code !== 0 && signal !== 'SIGKILL')
    throw new Error(`the till ended with ${signal ?? code}: ${complaints}`);
  const last = words.at(-1);
  return { words, steps: last?.kind === 'done' ? last.steps : undefined };
}
