/**
 * A disk as one process has it: gone when the process is, able to lose power at any call, and with a reserve file
 * that takes room without taking memory. The faults themselves are the faulty disk's.
 */
import type { Disk, FileStat, OpenFile } from '#lib/storage/disk.ts';
import type { FaultyDisk } from '#lib/storage/faulty-disk.ts';
import { DeadProcess, type SimProcess } from './clock.ts';

/** Files of these names hold nothing that is read: their length is enough. */
const isReserve = (path: string): boolean => path.endsWith('/reserve');

/** What stays when processes go. */
export type Machine = { readonly disk: FaultyDisk; readonly reserves: Map<string, number> };

export class ProcessDisk implements Disk {
  readonly #machine: Machine;
  readonly #process: SimProcess;
  /** Calls left until the process dies in the middle of one; Infinity: it does not. */
  callsToLive = Number.POSITIVE_INFINITY;
  /** Ends the process; called before the call is refused or after it was done. */
  readonly #die: () => void;

  constructor(machine: Machine, process: SimProcess, die: () => void) {
    this.#machine = machine;
    this.#process = process;
    this.#die = die;
  }

  read = (path: string): Uint8Array | undefined => this.#do(() => this.#disk.read(path));
  list = (path: string): string[] => this.#do(() => this.#disk.list(path));
  makeDirectory = (path: string): void => this.#do(() => this.#disk.makeDirectory(path));
  syncDirectory = (path: string): void => this.#do(() => this.#disk.syncDirectory(path));
  rename = (from: string, to: string): void => this.#do(() => this.#disk.rename(from, to));

  openAppend(path: string): OpenFile {
    return this.#handle(this.#do(() => this.#disk.openAppend(path)));
  }

  create(path: string): OpenFile {
    if (!isReserve(path)) return this.#handle(this.#do(() => this.#disk.create(path)));
    const { reserves } = this.#machine;
    reserves.set(path, 0);
    return {
      append: (bytes) => {
        reserves.set(path, (reserves.get(path) ?? 0) + bytes.length);
        return bytes.length;
      },
      fdatasync: () => undefined,
      truncate: (length) => void reserves.set(path, length),
      length: () => reserves.get(path) ?? 0,
      close: () => undefined,
    };
  }

  remove(path: string): void {
    if (isReserve(path)) this.#machine.reserves.delete(path);
    else this.#do(() => this.#disk.remove(path));
  }

  stat(path: string): FileStat | undefined {
    const size = this.#machine.reserves.get(path);
    if (size !== undefined) return { kind: 'file', size, inode: '0', bornMs: 1 };
    return this.#do(() => this.#disk.stat(path));
  }

  freeBytes(path: string): number {
    const reserved = [...this.#machine.reserves.values()].reduce((sum, size) => sum + size, 0);
    return Math.max(0, this.#do(() => this.#disk.freeBytes(path)) - reserved);
  }

  get #disk(): FaultyDisk {
    return this.#machine.disk;
  }

  #handle(file: OpenFile): OpenFile {
    return {
      append: (bytes) => this.#do(() => file.append(bytes)),
      fdatasync: () => this.#do(() => file.fdatasync()),
      truncate: (length) => this.#do(() => file.truncate(length)),
      length: () => file.length(),
      close: () => file.close(),
    };
  }

  #do<Result>(call: () => Result): Result {
    if (!this.#process.alive) throw new DeadProcess('disk');
    if (--this.callsToLive > 0) return call();
    // The power goes before the call or after it, and nobody hears of it.
    if (this.#disk.calls % 2 === 0) call();
    this.#die();
    throw new DeadProcess('power cut');
  }
}
