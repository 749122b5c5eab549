/**
 * A disk in memory that forgets what was not synced, fails when told to, and can be full: the whole store
 * network is simulated on it. Everything it does follows from the seed of the randomness passed in.
 */
import type { Disk, FileStat, OpenFile } from './disk.ts';
import type { HeldContent } from './held-content.ts';
import { bytesBeneath, HeldNames, type Node, type Place } from './held-names.ts';
import type { Random } from './seeded-random.ts';

export type DiskCall = Exclude<keyof Disk | keyof OpenFile, 'length' | 'close'>;
export type DiskErrno = 'EIO' | 'ENOSPC' | 'EACCES';

/** `short`: an append that writes half of what it was given (for other calls nothing). */
export type Fault = {
  /** 1 is the next call; only calls named in `only` are counted, where given. */
  readonly nth: number;
  readonly kind: DiskErrno | 'short';
  /** From then on every call, not only that one. */
  readonly sticky?: boolean;
  readonly only?: readonly DiskCall[];
};

type Armed = Fault & { left: number };

export class FaultyDisk implements Disk {
  /** Calls so far; loops over "the n-th call" read it. */
  calls = 0;
  /** Faults that really struck: a run in which none did has proved nothing. */
  faultsFired = 0;
  readonly #random: Random;
  readonly #names = new HeldNames();
  #capacityBytes: number;
  #usedBytes = 0;
  /** Handles of a process that died are dead too. */
  #life = 0;
  #armed: Armed[] = [];

  constructor(random: Random, capacityBytes = Number.MAX_SAFE_INTEGER) {
    this.#random = random;
    this.#capacityBytes = capacityBytes;
  }

  // What tests do to it.

  fail(fault: Fault): void {
    this.#armed.push({ ...fault, left: fault.nth });
  }

  heal(): void {
    this.#armed = [];
  }

  setCapacity(capacityBytes: number): void {
    this.#capacityBytes = capacityBytes;
  }

  /** Power cut: a random subset of what was not synced survives. All open files are lost. */
  crash(): void {
    this.#life++;
    this.#names.crash(this.#random);
    this.#usedBytes = bytesBeneath(this.#names.root);
  }

  /** `kill -9`: the process is gone, the operating system still has everything. */
  kill(): void {
    this.#life++;
  }

  /** One bit, both seen and on the platter. */
  flipBit(path: string, bit: number): void {
    this.#content(path).flipBit(bit);
  }

  /** Bytes of a file that a power cut cannot take; not a call of anybody's. Undefined where there is no such file. */
  durable(path: string): Uint8Array | undefined {
    const node = this.#names.find(path)?.node;
    return node?.kind === 'file' ? node.content.durable() : undefined;
  }

  /** Bytes of a file as every process of this machine sees them; not a call of anybody's. */
  seen(path: string): Uint8Array | undefined {
    const node = this.#names.find(path)?.node;
    return node?.kind === 'file' ? node.content.read() : undefined;
  }

  /** Paths of all files beneath a directory; not a call of anybody's. */
  filesBeneath(path: string): string[] {
    const node = this.#names.find(path)?.node;
    if (node?.kind !== 'directory') return [];
    return [...node.seen].flatMap(([name, child]) =>
      child.kind === 'file' ? [`${path}/${name}`] : this.filesBeneath(`${path}/${name}`),
    );
  }

  /** A file that is simply there, durable, without counting as calls. */
  plant(path: string, bytes: Uint8Array): void {
    const armed = this.#armed;
    const calls = this.calls;
    this.#armed = [];
    const directory = path.slice(0, Math.max(path.lastIndexOf('/'), 1));
    this.makeDirectory(directory);
    this.remove(path);
    const file = this.create(path);
    file.append(bytes);
    file.fdatasync();
    for (let up = directory; up !== ''; up = up.slice(0, up.lastIndexOf('/')))
      this.syncDirectory(up);
    this.syncDirectory('/');
    this.#armed = armed;
    this.calls = calls;
  }

  // What a disk does.

  read(path: string): Uint8Array | undefined {
    this.#enter('read', path);
    const node = this.#names.find(path)?.node;
    return node?.kind === 'file' ? node.content.read() : undefined;
  }

  openAppend(path: string): OpenFile {
    this.#enter('openAppend', path);
    const place = this.#place(path);
    if (place.node?.kind === 'directory') throw errno('EISDIR', path);
    return this.#handle(path, place.node ?? this.#names.addFile(place));
  }

  create(path: string): OpenFile {
    this.#enter('create', path);
    const place = this.#place(path);
    if (place.node !== undefined) throw errno('EEXIST', path);
    return this.#handle(path, this.#names.addFile(place));
  }

  rename(from: string, to: string): void {
    this.#enter('rename', from);
    const source = this.#place(from);
    const target = this.#place(to);
    if (source.node === undefined) throw errno('ENOENT', from);
    if (source.node === target.node) return;
    if (target.node?.kind === 'directory') throw errno('EISDIR', to);
    if (target.node !== undefined) this.#usedBytes -= bytesBeneath(target.node);
    this.#names.move(source, target);
  }

  remove(path: string): void {
    this.#enter('remove', path);
    const place = this.#names.find(path);
    if (place?.node === undefined) return;
    this.#usedBytes -= bytesBeneath(place.node);
    this.#names.remove(place);
  }

  makeDirectory(path: string): void {
    this.#enter('makeDirectory', path);
    const names = path.split('/').filter((name) => name !== '');
    for (let depth = 1; depth <= names.length; depth++) {
      const place = this.#place(`/${names.slice(0, depth).join('/')}`);
      if (place.node === undefined) this.#names.addDirectory(place);
      else if (place.node.kind === 'file') throw errno('ENOTDIR', path);
    }
  }

  syncDirectory(path: string): void {
    this.#enter('syncDirectory', path);
    const node = this.#names.find(path)?.node;
    if (node?.kind !== 'directory') throw errno('ENOENT', path);
    this.#names.sync(node);
  }

  list(path: string): string[] {
    this.#enter('list', path);
    const node = this.#names.find(path)?.node;
    return node?.kind === 'directory' ? [...node.seen.keys()].sort() : [];
  }

  stat(path: string): FileStat | undefined {
    this.#enter('stat', path);
    const node = this.#names.find(path)?.node;
    return node === undefined ? undefined : statOf(node);
  }

  freeBytes(path: string): number {
    this.#enter('freeBytes', path);
    return Math.max(0, this.#capacityBytes - this.#usedBytes);
  }

  #handle(path: string, node: Node): OpenFile {
    if (node.kind !== 'file') throw errno('EISDIR', path);
    const { content } = node;
    const life = this.#life;
    const enter = (call: DiskCall, held?: Uint8Array): boolean => {
      if (life !== this.#life) throw errno('EBADF', path);
      return this.#enter(call, path, content, held);
    };
    return {
      append: (bytes) => {
        const short = enter('append', bytes);
        const room = Math.max(0, this.#capacityBytes - this.#usedBytes);
        if (room === 0 && bytes.length > 0) throw errno('ENOSPC', path);
        const asked = short ? bytes.length >> 1 : bytes.length;
        const written = Math.min(asked, room);
        this.#write(content, bytes.subarray(0, written));
        return written;
      },
      fdatasync: () => {
        enter('fdatasync');
        content.sync();
      },
      truncate: (length) => {
        enter('truncate');
        this.#usedBytes += length - content.length;
        content.truncate(length);
      },
      length: () => content.length,
      close: () => undefined,
    };
  }

  #write(content: HeldContent, bytes: Uint8Array): void {
    this.#usedBytes += bytes.length;
    content.append(bytes);
  }

  /** Counts the call and lets a due fault strike. True: this append is to be short. */
  #enter(call: DiskCall, path: string, content?: HeldContent, bytes?: Uint8Array): boolean {
    this.calls++;
    let due: Armed | undefined;
    for (const fault of this.#armed) {
      if (fault.only !== undefined && !fault.only.includes(call)) continue;
      fault.left--;
      if (fault.left === 0 || (fault.left < 0 && fault.sticky === true)) due ??= fault;
    }
    if (due === undefined || (due.kind === 'short' && call !== 'append')) return false;
    this.faultsFired++;
    if (due.kind === 'short') return true;
    if (call === 'fdatasync') content?.syncAndFail(this.#random);
    // An append that fails may have written some of it all the same.
    if (call === 'append' && content !== undefined && bytes !== undefined) {
      this.#write(content, bytes.subarray(0, Math.floor(this.#random() * bytes.length)));
    }
    throw errno(due.kind, `${call} ${path}`);
  }

  #place(path: string): Place {
    const place = this.#names.find(path);
    if (place === undefined) throw errno('ENOENT', path);
    return place;
  }

  #content(path: string): HeldContent {
    const node = this.#names.find(path)?.node;
    if (node?.kind !== 'file') throw errno('ENOENT', path);
    return node.content;
  }
}

function statOf(node: Node): FileStat {
  const size = node.kind === 'file' ? node.content.length : 0;
  return { kind: node.kind, size, inode: String(node.inode), bornMs: 1_000 * node.inode };
}

function errno(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
