/**
 * What this till has found wrong with its own files, until a person has looked: kept in `findings.json`, so that a
 * restart forgets none. Each is said once as an entry of the journal, so that the other tills and head office know.
 */
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { findingKey, isFindingCode, type Finding, type OpenFinding } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';

const fields = z.looseObject({
  code: z.string().refine(isFindingCode),
  where: z.string(),
  seq: z.number().exactOptional(),
  what: z.string().exactOptional(),
  sinceMs: z.number(),
  /** The incarnation whose journal says it; empty: none yet. */
  told: z.string(),
});
const fileFields = z.object({ v: z.literal(1), findings: z.array(fields) });
type Row = OpenFinding & { told: string };

export const findingsName = 'findings.json';

/** What stands in these counts for nothing while their finding is open: they are always on the list. */
const doubted: ReadonlySet<string> = new Set(['wrong-pins.json', 'enrolments.json']);

export type FindingListParts = {
  readonly path: string;
  readonly clock: Clock;
  readonly onFound: (finding: OpenFinding) => void;
  /** The list could not be kept on the disk; it holds in this process. */
  readonly onProblem: (error: unknown) => void;
};

export class FindingList {
  readonly #p: FindingListParts;
  #rows: Row[] = [];
  #disk: Disk | undefined;

  constructor(disk: Pick<Disk, 'read'>, parts: FindingListParts) {
    this.#p = parts;
    const read = fileFields.safeParse(parsed(disk.read(parts.path)));
    // An edited list is a finding itself: the seal says so. What it held stands in the journal.
    if (read.success) this.#rows = read.data.findings;
  }

  /** From now on it is kept on the disk. */
  keepOn(disk: Disk): void {
    this.#disk = disk;
    if (this.#rows.length > 0) this.#save();
  }

  /** All that nobody has looked at yet, the oldest first. */
  get open(): readonly OpenFinding[] {
    return this.#rows.map(({ told: _told, ...finding }) => finding);
  }

  /** Whether somebody has still to look at a change of what lies in this place; an open door alone is none. */
  concerns(where: string): boolean {
    return this.#rows.some((row) => row.where === where && row.code !== 'MODE_OPEN');
  }

  /** The same thing in the same place is one finding while it is open. No flood of one kind leaves another without room. */
  add(finding: Finding): void {
    const key = findingKey(finding);
    if (this.#rows.some((row) => findingKey(row) === key)) return;
    const ofKind = this.#rows.filter(({ code }) => code === finding.code).length;
    if (ofKind >= limits.findingsKeptOfKind && !doubted.has(finding.where)) return;
    const row: Row = { ...finding, sinceMs: this.#p.clock.wallMs(), told: '' };
    this.#rows.push(row);
    this.#save();
    const { told: _told, ...open } = row;
    this.#p.onFound(open);
  }

  /**
   * Says each in the journal of this life that it does not say yet: what the life before said may be lost with its journal.
   * `say` throws where that could not be: it is tried again later.
   */
  tell(life: string, say: (finding: Finding) => void): void {
    let isChanged = false;
    for (const row of this.#rows) {
      if (row.told === life) continue;
      const { sinceMs: _sinceMs, told: _told, ...finding } = row;
      say(finding);
      row.told = life;
      isChanged = true;
    }
    if (isChanged) this.#save();
  }

  /** A person has looked at them. */
  end(findings: readonly Finding[]): void {
    const seen = new Set(findings.map(findingKey));
    this.#rows = this.#rows.filter((row) => !seen.has(findingKey(row)));
    this.#save();
  }

  #save(): void {
    if (!this.#disk) return;
    const text = `${JSON.stringify({ v: 1, findings: this.#rows }, null, 2)}\n`;
    try {
      writeAtomically(this.#disk, this.#p.path, new TextEncoder().encode(text));
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      this.#p.onProblem(error);
    }
  }
}

/** What a stopped till has still to show to somebody. */
export function noticedIn(disk: Pick<Disk, 'read'>, directory: string): readonly OpenFinding[] {
  const read = fileFields.safeParse(parsed(disk.read(`${directory}/${findingsName}`)));
  return read.success ? read.data.findings.map(({ told: _told, ...finding }) => finding) : [];
}

function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // None, or none of ours: the schema says so.
    return undefined;
  }
}
