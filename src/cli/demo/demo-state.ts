/** What a demo remembers between two starts, in `demo.json` of its directory. Its presence marks a directory as a demo's. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';
import { makeDirectoryDurably, writeAtomically } from '#lib/storage/atomic-file.ts';
import { lockDirectory } from '#lib/storage/directory-lock.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';

const operatorSchema = z.object({
  id: z.string(),
  name: z.string(),
  pin: z.string(),
  roles: z.array(z.string()),
});

const stateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  /** Products of the generated shop, or the file that they were read from. */
  products: z.number(),
  catalog: z.string().optional(),
  operators: z.array(operatorSchema),
  /** Head office has the shop. */
  published: z.boolean(),
  /** Terminals whose data directory is enrolled. */
  enrolled: z.array(z.string()),
  /** The sample days have been sold. */
  historySold: z.boolean(),
});

export type DemoState = z.infer<typeof stateSchema>;
export type DemoOperator = z.infer<typeof operatorSchema>;

const fileName = 'demo.json';

export function readDemo(directory: string): DemoState | undefined {
  const file = join(directory, fileName);
  if (!existsSync(file)) {
    // Somebody's other data: neither written into nor, with --fresh, taken away.
    if (existsSync(directory) && readdirSync(directory).length > 0) {
      throw new TillmeshError('DIRECTORY_FOREIGN', directory);
    }
    return undefined;
  }
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new TillmeshError('DIRECTORY_FOREIGN', `${file}; --fresh starts over`, { cause: error });
  }
}

export function writeDemo(directory: string, state: DemoState): void {
  makeDirectoryDurably(nodeDisk, directory);
  const text = `${JSON.stringify(state, null, 2)}\n`;
  writeAtomically(nodeDisk, join(directory, fileName), new TextEncoder().encode(text));
}

/** Takes a demo's directory away: only a demo's, and not while it runs. */
export function removeDemo(directory: string): void {
  if (!existsSync(join(directory, fileName))) {
    readDemo(directory);
    return;
  }
  lockDirectory(directory).release();
  rmSync(directory, { recursive: true });
}
