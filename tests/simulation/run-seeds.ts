/**
 * Many seeds, a few to a process and two processes at a time: what one shop leaves in WASM memory slows the next one
 * down, and a run that ends badly takes no other along.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SeedResult } from './run-seed.ts';

const program = fileURLToPath(new URL('./run-seed.ts', import.meta.url));
const seedsPerProcess = 3;
const processes = 2;

/** Ends early, with what is there, once `enough` failed. */
export async function runSeeds(
  seeds: readonly number[],
  options: { readonly enough?: number; readonly onResult?: (result: SeedResult) => void } = {},
): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  const batches = Array.from({ length: Math.ceil(seeds.length / seedsPerProcess) }, (_, at) =>
    seeds.slice(at * seedsPerProcess, (at + 1) * seedsPerProcess),
  );
  const { enough = 3, onResult } = options;
  const failed = () => results.filter((result) => result.violations.length > 0).length;
  const work = async () => {
    for (let batch = batches.shift(); batch && failed() < enough; batch = batches.shift())
      await runBatch(batch, (result) => {
        results.push(result);
        onResult?.(result);
      });
  };
  await Promise.all(Array.from({ length: processes }, work));
  return results.sort((a, b) => a.plan.seed - b.plan.seed);
}

async function runBatch(
  seeds: readonly number[],
  onResult: (result: SeedResult) => void,
): Promise<void> {
  // Short-lived garbage is most of what a run makes: room for it saves half of the time.
  const args = ['--max-semi-space-size=128', program, '--json', ...seeds.map(String)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith(resultMark)) continue;
    told++;
    onResult(JSON.parse(line.slice(resultMark.length)) as SeedResult);
  }
  const code = await ended;
  if (told < seeds.length)
    throw new Error(`seed ${seeds[told]} ended its process with code ${code}`);
}

/** Begins a line of a child's output that is a result; other lines are somebody's chatter. */
export const resultMark = 'result ';
