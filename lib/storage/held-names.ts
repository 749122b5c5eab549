/**
 * A directory tree twice: as the running process sees it, and as it would be found after a power cut.
 * A name is safe only after its directory was synced. For `faulty-disk.ts` only.
 */
import { HeldContent } from './held-content.ts';
import type { Random } from './seeded-random.ts';

export type FileNode = {
  readonly kind: 'file';
  readonly inode: number;
  readonly content: HeldContent;
};
export type DirectoryNode = {
  readonly kind: 'directory';
  readonly inode: number;
  seen: Map<string, Node>;
  readonly safe: Map<string, Node>;
};
export type Node = FileNode | DirectoryNode;

/** Where a name stands: its directory, and what is there now. */
export type Place = {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
};

/** A rename is one change with two steps: both survive or neither, as in every journalling file system. */
type Step = {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
};

export class HeldNames {
  readonly root: DirectoryNode = newDirectory(1);
  #held: Step[][] = [];
  #lastInode = 1;

  /** Undefined where the directory of `path` is not there. `path` is absolute. */
  find(path: string): Place | undefined {
    const names = path.split(/[/\\]+/).filter((name) => name !== '');
    const name = names.pop();
    if (name === undefined) return { directory: this.root, name: '', node: this.root };
    let directory = this.root;
    for (const step of names) {
      const next = directory.seen.get(step);
      if (next?.kind !== 'directory') return undefined;
      directory = next;
    }
    return { directory, name, node: directory.seen.get(name) };
  }

  addFile(place: Place): FileNode {
    const node: FileNode = { kind: 'file', inode: ++this.#lastInode, content: new HeldContent() };
    this.#change([{ directory: place.directory, name: place.name, node }]);
    return node;
  }

  addDirectory(place: Place): void {
    this.#change([
      { directory: place.directory, name: place.name, node: newDirectory(++this.#lastInode) },
    ]);
  }

  remove(place: Place): void {
    this.#change([{ directory: place.directory, name: place.name, node: undefined }]);
  }

  move(from: Place, to: Place): void {
    this.#change([
      { directory: from.directory, name: from.name, node: undefined },
      { directory: to.directory, name: to.name, node: from.node },
    ]);
  }

  sync(directory: DirectoryNode): void {
    const later: Step[][] = [];
    for (const steps of this.#held) {
      if (steps.some((step) => step.directory === directory)) makeSafe(steps);
      else later.push(steps);
    }
    this.#held = later;
  }

  /** Any subset of the unsynced changes survives; files keep what their own writes left. */
  crash(random: Random): void {
    for (const steps of this.#held) if (random() < 0.5) makeSafe(steps);
    this.#held = [];
    const visit = (directory: DirectoryNode): void => {
      directory.seen = new Map(directory.safe);
      for (const node of directory.seen.values()) {
        if (node.kind === 'directory') visit(node);
        else node.content.crash(random);
      }
    };
    visit(this.root);
  }

  #change(steps: Step[]): void {
    for (const { directory, name, node } of steps) put(directory.seen, name, node);
    this.#held.push(steps);
  }
}

/** Bytes of all files beneath a node. */
export function bytesBeneath(node: Node): number {
  if (node.kind === 'file') return node.content.length;
  let total = 0;
  for (const child of node.seen.values()) total += bytesBeneath(child);
  return total;
}

function makeSafe(steps: Step[]): void {
  for (const { directory, name, node } of steps) put(directory.safe, name, node);
}

function put(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function newDirectory(inode: number): DirectoryNode {
  return { kind: 'directory', inode, seen: new Map(), safe: new Map() };
}
