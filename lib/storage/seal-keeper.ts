/**
 * Keeps the seal of a data directory true while a process uses it: small files at each change, everything at the end.
 * Beside the witness, outside the directory, it leaves the number of the last seal, so that an older directory is known.
 */
import { createHash } from 'node:crypto';
import { isTillmeshError } from '../domain/errors.ts';
import { makeDirectoryDurably } from './atomic-file.ts';
import {
  fileNow,
  isSmall,
  placeOf,
  readSeal,
  sealedPaths,
  sealKey,
  sumOf,
  writeSeal,
  type FileStates,
  type SealedFile,
} from './directory-seal.ts';
import type { Disk } from './disk.ts';

export type SealKeeperParts = {
  readonly disk: Disk;
  readonly directory: string;
  readonly witnessDirectory: string;
  readonly wallMs: () => number;
  /** A seal that could not be written: the next start finds an older one. Told once per process. */
  readonly onProblem: (error: unknown) => void;
};

export class SealKeeper {
  /** For everything that replaces small files: each of them is sealed before it has its new contents. */
  readonly disk: Disk;
  readonly #p: SealKeeperParts;
  /** Small files as they are; undefined until `begin` and after `end`. */
  #files: Map<string, FileStates> | undefined;
  /** As the last whole seal had them: what was not touched since need not be read again. */
  #before: ReadonlyMap<string, FileStates> = new Map();
  #n = 0;
  #life = '';
  #reported = false;
  /** What lies there is of before: the next change of anything tries again, or this till's own work passed for a hand's. */
  #isStale = false;

  constructor(parts: SealKeeperParts) {
    this.#p = parts;
    this.disk = this.#noting();
  }

  /**
   * Before anything in the directory is written: from now on small files are sealed at each change, and what is left when
   * this process is killed is no hand's work. A copy must not leave a number in the name of the life that it is a copy of.
   */
  begin(): void {
    const { disk, directory } = this.#p;
    const found = readSeal(disk, directory);
    this.#before = found?.seal?.files ?? new Map();
    this.#n = found?.seal?.n ?? 0;
    const files = new Map<string, FileStates>();
    for (const path of sealedPaths(disk, directory))
      if (isSmall(path)) files.set(path, [this.#now(path) ?? null]);
    this.#files = files;
    this.#write(files, false);
  }

  /** The incarnation that lives here, by whose name the number outside goes. Told at each change of the till. */
  lives(life: string): void {
    if (!this.#files || (life === this.#life && !this.#isStale)) return;
    this.#life = life;
    this.#n = Math.max(this.#n, sealSeen(this.#p.disk, this.#p.witnessDirectory, life));
    this.#write(this.#files, false);
  }

  /** When nothing writes any more: seals everything. */
  end(): void {
    if (!this.#files) return;
    const files = new Map<string, FileStates>();
    for (const path of sealedPaths(this.#p.disk, this.#p.directory))
      files.set(path, [this.#now(path) ?? null]);
    const witness = `witness/${this.#life}.witness`;
    if (this.#life !== '') {
      this.#settle(witness);
      files.set(witness, [this.#now(witness) ?? null]);
    }
    this.#write(files, true);
    this.#files = undefined;
  }

  #now(path: string): SealedFile | undefined {
    const before = this.#before.get(path)?.find((state) => state !== null);
    const place = placeOf(path, this.#p);
    return place === undefined ? undefined : fileNow(this.#p.disk, place, before ?? undefined);
  }

  /** It grows without syncs: a power cut right after the stop must not make it another one than was sealed. */
  #settle(path: string): void {
    const { disk, onProblem } = this.#p;
    const place = placeOf(path, this.#p);
    if (place === undefined || !disk.stat(place)) return;
    try {
      const file = disk.openAppend(place);
      try {
        file.fdatasync();
      } finally {
        file.close();
      }
    } catch (error) {
      onProblem(error);
    }
  }

  #noting(): Disk {
    const { disk } = this.#p;
    return {
      ...disk,
      rename: (from, to) => {
        const path = this.#smallPath(to);
        if (path === undefined) return disk.rename(from, to);
        const bytes = disk.read(from);
        this.#replacing(path, bytes && sumOf(bytes), () => disk.rename(from, to));
      },
      remove: (from) => {
        const path = this.#smallPath(from);
        if (path === undefined || !this.#files?.has(path)) return disk.remove(from);
        this.#replacing(path, undefined, () => disk.remove(from));
      },
    };
  }

  #smallPath(path: string): string | undefined {
    const start = `${this.#p.directory}/`;
    if (!this.#files || !path.startsWith(start)) return undefined;
    const within = path.slice(start.length);
    return isSmall(within) && !within.endsWith('.tmp') ? within : undefined;
  }

  /** Until it is done it may be the one or the other: a process can end in between. */
  #replacing(path: string, next: SealedFile | undefined, run: () => void): void {
    const files = this.#files;
    if (!files) return run();
    const [now = null] = files.get(path) ?? [];
    files.set(path, [now, next ?? null]);
    this.#write(files, false);
    run();
    files.set(path, [this.#now(path) ?? null]);
    this.#write(files, false);
  }

  #write(files: ReadonlyMap<string, FileStates>, isWhole: boolean): void {
    const { disk, directory, wallMs } = this.#p;
    try {
      const key = sealKey(disk, directory);
      if (!key) return;
      this.#isStale = true;
      writeSeal(disk, directory, key, { n: ++this.#n, wallMs: wallMs(), isWhole, files });
      this.#isStale = false;
      this.#note();
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      // It stops no sale: at worst the next start takes the till's own work for a hand's.
      if (!this.#reported) this.#p.onProblem(error);
      this.#reported = true;
    }
  }

  /** Without a sync: a number that a power cut takes was only too low to accuse anybody. */
  #note(): void {
    const { disk, witnessDirectory } = this.#p;
    if (this.#life === '') return;
    makeDirectoryDurably(disk, witnessDirectory);
    const path = notePath(witnessDirectory, this.#life);
    const temporary = `${path}.tmp`;
    try {
      disk.remove(temporary);
      const file = disk.create(temporary);
      file.append(new TextEncoder().encode(noteOf(this.#life, this.#n)));
      file.close();
      disk.rename(temporary, path);
    } catch (error) {
      if (!this.#reported) this.#p.onProblem(error);
      this.#reported = true;
    }
  }
}

const notePath = (witnessDirectory: string, life: string): string =>
  `${witnessDirectory}/${life}.seal`;

const noteOf = (life: string, n: number): string =>
  `${n} ${createHash('sha256').update(`seal ${life} ${n}`).digest('hex').slice(0, 8)}\n`;

/** The number of the last seal of a life, as noted outside its directory; 0 for none. */
export function sealSeen(disk: Disk, witnessDirectory: string, life: string): number {
  const bytes = disk.read(notePath(witnessDirectory, life));
  const text = bytes ? new TextDecoder().decode(bytes) : '';
  const n = Number(/^(\d{1,15}) /.exec(text)?.[1] ?? 0);
  return text === noteOf(life, n) ? n : 0;
}
