/**
 * The disk as Tillmesh needs it: synchronous, every durability step visible and refusable.
 * `node-disk.ts` is the real one; `faulty-disk.ts` forgets what was not synced.
 */
export interface OpenFile {
  /** May write less than asked, as POSIX does; returns the bytes written. Always at the end of the file. */
  append(bytes: Uint8Array): number;
  /** On stable storage when it returns. A throw is final: the state of the file is no longer known. */
  fdatasync(): void;
  truncate(length: number): void;
  length(): number;
  close(): void;
}

export type FileStat = {
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly inode: string;
  readonly bornMs: number;
  /** Another one after every change of the file or of its rights, and not to be set by hand; absent where it is not known. */
  readonly changed?: string;
  /** Rights as in POSIX (0o700); absent where there are none. */
  readonly mode?: number;
};

export interface Disk {
  /** Undefined where there is no such file. */
  read(path: string): Uint8Array | undefined;
  /** Opens for appending; creates where absent (the directory entry is durable only after syncDirectory). */
  openAppend(path: string): OpenFile;
  /** Creates anew, fails where it exists. */
  create(path: string): OpenFile;
  rename(from: string, to: string): void;
  /** No error where absent. Directories go with their contents. */
  remove(path: string): void;
  /** With parents; no error where present. */
  makeDirectory(path: string): void;
  /** Makes creations, renames and removals in this directory durable. */
  syncDirectory(path: string): void;
  /** Names in a directory; empty where absent. */
  list(path: string): string[];
  stat(path: string): FileStat | undefined;
  freeBytes(path: string): number;
}
