/** Barred peers as a file of the data directory: a hostile peer stays out after a restart, until a person pardons it. */
import { z } from 'zod';
import { barShape, type Bar, type BarStore } from '../mesh/bars.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';

export function barFile(disk: Disk, path: string): BarStore {
  return {
    load(): readonly Bar[] {
      const bytes = disk.read(path);
      if (!bytes) return [];
      const read = z.array(barShape).safeParse(parsed(bytes));
      // An unreadable list bars nobody: the guard bars a hostile peer again at its first message.
      return read.success ? read.data : [];
    },
    save(bars) {
      writeAtomically(disk, path, new TextEncoder().encode(`${JSON.stringify(bars)}\n`));
    },
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The schema refuses it with everything else that is no list of bars.
    return undefined;
  }
}
