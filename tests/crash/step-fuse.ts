/**
 * Ends this process at its n-th step towards the outside: a call that changes the disk, or a frame that leaves. Between
 * two steps nothing happens that anybody else could see, so the steps are all the moments at which a crash differs.
 */
import { basename } from 'node:path';
import type { Disk, OpenFile } from '#lib/storage/disk.ts';
import type { RawLink, Transport } from '#lib/mesh/transport.ts';

/** `before`: the step does not happen. `within`: half of an append is written, anything else is done, then the end. */
export type FuseMode = 'before' | 'within';

export class StepFuse {
  /** What was done since it was armed, for the report of a run that ended by itself. */
  readonly steps: string[] = [];
  #armed = false;
  #at = 0;
  #mode: FuseMode = 'before';

  /** From now on steps are counted, from 1. `at` 0: only counted. */
  arm(at: number, mode: FuseMode): void {
    this.steps.length = 0;
    this.#at = at;
    this.#mode = mode;
    this.#armed = true;
  }
  /** Counts no more. */
  disarm(): void {
    this.#armed = false;
  }

  step<Result>(name: string, run: () => Result, half: () => unknown = run): Result {
    if (!this.#armed) return run();
    this.steps.push(name);
    if (this.steps.length !== this.#at) return run();
    if (this.#mode === 'within') half();
    process.kill(process.pid, 'SIGKILL');
    throw new Error('a killed process does not come here');
  }
}

export function fusedDisk(disk: Disk, fuse: StepFuse): Disk {
  return {
    read: (path) => disk.read(path),
    list: (path) => disk.list(path),
    stat: (path) => disk.stat(path),
    freeBytes: (path) => disk.freeBytes(path),
    openAppend: (path) => fusedFile(disk.openAppend(path), path, fuse),
    create: (path) =>
      fusedFile(
        fuse.step(`create ${basename(path)}`, () => disk.create(path)),
        path,
        fuse,
      ),
    rename: (from, to) => fuse.step(`rename to ${basename(to)}`, () => disk.rename(from, to)),
    remove: (path) => fuse.step(`remove ${basename(path)}`, () => disk.remove(path)),
    makeDirectory: (path) => disk.makeDirectory(path),
    syncDirectory: (path) =>
      fuse.step(`sync directory ${basename(path)}`, () => disk.syncDirectory(path)),
  };
}

function fusedFile(file: OpenFile, path: string, fuse: StepFuse): OpenFile {
  const name = basename(path);
  return {
    append: (bytes) =>
      fuse.step(
        `append to ${name}`,
        () => file.append(bytes),
        () => file.append(bytes.subarray(0, Math.floor(bytes.length / 2))),
      ),
    fdatasync: () => fuse.step(`sync ${name}`, () => file.fdatasync()),
    truncate: (length) => fuse.step(`truncate ${name}`, () => file.truncate(length)),
    length: () => file.length(),
    close: () => file.close(),
  };
}

export function fusedTransport(transport: Transport, fuse: StepFuse): Transport {
  const fused = (link: RawLink): RawLink => ({
    peer: link.peer,
    terminalKey: link.terminalKey,
    dialled: link.dialled,
    get bufferedBytes() {
      return link.bufferedBytes;
    },
    send: (frame) => fuse.step('send', () => link.send(frame)),
    close: (code, reason) => link.close(code, reason),
    listen: (listener) => link.listen(listener),
  });
  return {
    start: (accept) => transport.start((link) => accept(fused(link))),
    dial: async (target) => fused(await transport.dial(target)),
    stop: () => transport.stop(),
  };
}
