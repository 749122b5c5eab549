/**
 * The machine and the place that a data directory belongs to. A copy elsewhere is noticed by comparing; what is
 * not known on one side says nothing, so that a container without a machine id never begins a new life by itself.
 */
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import { writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';
import { refused } from './disk-errors.ts';

export type MachineIdentity = {
  /** A hash of the operating system's own id, never that id. */
  readonly machineId?: string;
  /** Of the data directory: a copy has another. */
  readonly directoryInode?: string;
  /** When the data directory was made, milliseconds since 1970. Inode numbers are used again, these are not. */
  readonly directoryBornMs?: number;
};

/** Passed in, so that tests and simulations can be other machines. */
export interface MachineIdentitySource {
  read(directory: string): MachineIdentity;
}

const text = z.string().min(1).max(200);
const bindingSchema = z.looseObject({
  machineId: text.optional(),
  directoryInode: text.optional(),
  directoryBornMs: z.int().positive().optional(),
});

/** False only where something that both sides know differs. */
export function sameMachine(a: MachineIdentity, b: MachineIdentity): boolean {
  const agree = (x: unknown, y: unknown): boolean => x === undefined || y === undefined || x === y;
  return (
    agree(a.machineId, b.machineId) &&
    agree(a.directoryInode, b.directoryInode) &&
    agree(a.directoryBornMs, b.directoryBornMs)
  );
}

/** What was bound before; undefined where nothing was, or nothing readable. @throws DISK_REFUSED. */
export function readBinding(disk: Disk, path: string): MachineIdentity | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = disk.read(path);
  } catch (error) {
    throw refused(error, path);
  }
  if (bytes === undefined) return undefined;
  const found = bindingSchema.safeParse(parse(bytes));
  return found.success ? known(found.data) : undefined;
}

/** Binds; the directory must exist. @throws DISK_FULL, DISK_REFUSED, DISK_FAILED. */
export function writeBinding(disk: Disk, path: string, identity: MachineIdentity): void {
  const json = bindingSchema.safeParse(identity);
  if (!json.success)
    throw new TillmeshError('INVARIANT', 'a machine identity of impossible values');
  writeAtomically(disk, path, new TextEncoder().encode(`${JSON.stringify(known(identity))}\n`));
}

function known(identity: { [Name in keyof MachineIdentity]?: MachineIdentity[Name] | undefined }) {
  const { machineId, directoryInode, directoryBornMs } = identity;
  return {
    ...(machineId === undefined ? {} : { machineId }),
    ...(directoryInode === undefined ? {} : { directoryInode }),
    ...(directoryBornMs === undefined ? {} : { directoryBornMs }),
  } satisfies MachineIdentity;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Not JSON: the schema refuses it with everything else that does not fit.
    return undefined;
  }
}
