import * as A from '@automerge/automerge';
import {
  NetworkAdapter,
  Repo,
  generateAutomergeUrl,
  parseAutomergeUrl,
  type DocHandle,
  type DocumentId,
  type Message,
  type PeerId,
} from '@automerge/automerge-repo';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Disk } from './disk.ts';
import { DocumentsAdapter, type SegmentSource, type StorageProblem } from './documents-adapter.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { nodeDisk } from './node-disk.ts';
import { randomBelow, seededRandom } from './seeded-random.ts';

type Doc = { items: string[] };

const base = '/data/documents';
const noSegments: SegmentSource = { owns: () => false, read: () => undefined };

function open(disk: Disk, directory = base, segments = noSegments) {
  const problems: StorageProblem[] = [];
  const onProblem = (problem: StorageProblem): void => void problems.push(problem);
  const adapter = new DocumentsAdapter(disk, directory, { segments, onProblem });
  return { adapter, problems, kinds: () => [...new Set(problems.map(({ kind }) => kind))] };
}

function repoOn(adapter: NodeFSStorageAdapter): Repo {
  return new Repo({ storage: adapter, saveDebounceRate: 0 });
}

function add(handle: DocHandle<Doc>, item: string): void {
  handle.change((draft) => void draft.items.push(item));
}

const newDisk = (seed = 1): FaultyDisk => new FaultyDisk(seededRandom(seed));

/** A document saved as one snapshot and several incremental pieces; gives its id and their paths. */
async function planted(disk: FaultyDisk, edits = 4): Promise<{ id: DocumentId; files: string[] }> {
  const repo = repoOn(open(disk).adapter);
  const handle = repo.create<Doc>({ items: ['x'.repeat(20_000).replace(/x/g, randomLetter(7))] });
  await repo.flush([handle.documentId]);
  for (let n = 1; n <= edits; n++) {
    add(handle, `item ${n}`);
    await repo.flush([handle.documentId]);
  }
  const id = handle.documentId;
  const root = `${base}/${id.slice(0, 2)}/${id.slice(2)}`;
  const files = ['snapshot', 'incremental'].flatMap((kind) =>
    disk.list(`${root}/${kind}`).map((name) => `${root}/${kind}/${name}`),
  );
  return { id, files };
}

/** Text that does not compress away: a snapshot under 1 KB is compacted at every save. */
function randomLetter(seed: number): () => string {
  const random = seededRandom(seed);
  return () => String.fromCharCode(97 + randomBelow(random, 26));
}

describe('DocumentsAdapter', () => {
  let unhandled: unknown[];
  const note = (error: unknown): void => void unhandled.push(error);
  beforeEach(() => {
    unhandled = [];
    process.on('unhandledRejection', note);
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('is readable by the published adapter, and reads what that one wrote', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-documents-'));
    try {
      const ours = repoOn(open(nodeDisk, directory).adapter);
      const handle = ours.create<Doc>({ items: ['ours'] });
      await ours.flush();
      const published = repoOn(new NodeFSStorageAdapter(directory));
      const theirs = await published.find<Doc>(handle.documentId);
      expect(theirs.doc().items).toEqual(['ours']);
      add(theirs, 'theirs');
      await published.flush();
      const again = await repoOn(open(nodeDisk, directory).adapter).find<Doc>(handle.documentId);
      expect(again.doc().items).toEqual(['ours', 'theirs']);
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  });

  it('keeps nothing in memory that is on disk', async () => {
    const disk = newDisk();
    const { adapter } = open(disk);
    await adapter.save(['abcdef', 'x'], new Uint8Array([1]));
    disk.plant(`${base}/ab/cdef/x`, new Uint8Array([2]));
    expect(await adapter.load(['abcdef', 'x'])).toEqual(new Uint8Array([2]));
  });

  it('S3: what flush and isSaved said is there after a power cut at any later call', async () => {
    let crashed = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      const disk = new FaultyDisk(random);
      const { adapter } = open(disk);
      const repo = repoOn(adapter);
      const handle = repo.create<Doc>({ items: [] });
      disk.fail({ nth: 1 + randomBelow(random, 90), kind: 'EIO', sticky: true });
      let saved = -1;
      for (let n = 0; n < 8; n++) {
        add(handle, String(n));
        await repo.flush();
        if (adapter.isSaved(handle.documentId)) saved = n;
      }
      if (disk.faultsFired > 0) crashed++;
      disk.heal();
      disk.crash();
      const after = open(disk);
      const found = await repoOn(after.adapter)
        .find<Doc>(handle.documentId)
        .then(
          (again) => again.doc().items.length,
          () => 0,
        );
      expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(saved + 1);
      expect(after.problems, `seed ${seed}`).toEqual([]);
    }
    expect(crashed).toBeGreaterThan(20);
  });

  it('S5: a damaged piece is set aside with its reason, the others load, peers bring the rest', async () => {
    const sample = newDisk();
    const { files } = await planted(sample);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (let at = 0; at < files.length; at++) {
      for (const how of ['flipped', 'cut', 'empty'] as const) {
        const disk = newDisk();
        const { id, files: own } = await planted(disk);
        const file = own[at] ?? '';
        const bytes = disk.read(file) ?? new Uint8Array();
        const whole = await wholeOf(disk, id);
        if (how === 'flipped') disk.flipBit(file, 4 * bytes.length + 3);
        else disk.plant(file, bytes.subarray(0, how === 'cut' ? bytes.length - 5 : 0));

        const { adapter, problems } = open(disk);
        const pieces = [
          ...(await adapter.loadRange([id, 'snapshot'])),
          ...(await adapter.loadRange([id, 'incremental'])),
        ];
        expect(pieces.length).toBe(own.length - 1);
        expect(problems).toMatchObject([{ kind: 'set-aside', document: id, path: file }]);
        expect(disk.stat(file)).toBeUndefined();
        const aside = disk.list('/data/aside');
        expect(aside.length).toBe(2);
        expect(new TextDecoder().decode(disk.read(`/data/aside/${aside[1]}`))).toContain(file);

        const healed = await syncedWith(open(disk).adapter, id, whole);
        expect(healed).toEqual(A.load<Doc>(whole).items);
        // And it is on disk again, without a peer.
        const later = await repoOn(open(disk).adapter).find<Doc>(id);
        expect(later.doc().items).toEqual(A.load<Doc>(whole).items);
      }
    }
  });

  it('an unreadable piece is reported, passed over, and left where it is', async () => {
    const disk = newDisk();
    const { id, files } = await planted(disk);
    const { adapter, kinds } = open(disk);
    disk.fail({ nth: 1, kind: 'EIO', only: ['read'] });
    expect(await adapter.loadRange([id, 'snapshot'])).toEqual([]);
    expect(kinds()).toEqual(['unreadable']);
    expect(disk.stat(files[0] ?? '')).toBeDefined();
  });

  it('S7: on a full disk nothing is rejected, nothing old is deleted, and it is saved when there is room', async () => {
    const disk = newDisk();
    const { id } = await planted(disk, 2);
    const { adapter, problems, kinds } = open(disk);
    const repo = repoOn(adapter);
    const handle = await repo.find<Doc>(id);
    const onDisk = (await wholeOf(disk, id)).length;
    disk.setCapacity(1);
    // Enough that automerge-repo compacts: one new snapshot, and removal of all older pieces.
    for (let n = 0; n < 40; n++) {
      add(handle, Array.from({ length: 2_000 }, randomLetter(n)).join(''));
      await repo.flush([id]);
    }
    expect(kinds()).toEqual(['not-saved']);
    expect(problems[0]).toMatchObject({ document: id, error: { code: 'DISK_FULL' } });
    expect(adapter.isSaved(id)).toBe(false);
    // What is in memory only is still what this process reads.
    const same = await repoOn(adapter).find<Doc>(id);
    expect(same.doc().items).toEqual(handle.doc().items);
    // A power cut now costs the unsaved changes, never the saved ones.
    expect((await wholeOf(disk, id)).length).toBe(onDisk);

    disk.setCapacity(100_000_000);
    await adapter.retry();
    expect(adapter.isSaved(id)).toBe(true);
    disk.crash();
    const again = await repoOn(open(disk).adapter).find<Doc>(id);
    expect(again.doc().items).toEqual(handle.doc().items);
  });

  it('S6: after a failed fdatasync it says so and touches the disk no more', async () => {
    const disk = newDisk();
    const { adapter, kinds } = open(disk);
    await adapter.save(['abcdef', 'x'], new Uint8Array([1]));
    disk.fail({ nth: 1, kind: 'EIO', only: ['fdatasync'] });
    await adapter.save(['abcdef', 'x'], new Uint8Array([2]));
    expect(kinds()).toEqual(['disk-failed']);
    const { calls } = disk;
    await adapter.save(['abcdef', 'y'], new Uint8Array([3]));
    await adapter.retry();
    expect(disk.calls).toBe(calls);
    expect(disk.read(`${base}/ab/cdef/x`)).toEqual(new Uint8Array([1]));
  });

  it('X8: keys that are no names reach no path', async () => {
    const disk = newDisk();
    const { adapter, problems } = open(disk);
    const bad = [
      '..',
      '.',
      '',
      '../../etc',
      'a/b',
      'a\\b',
      'a\0',
      '.hidden',
      'x'.repeat(4_096),
      'é',
    ];
    for (const part of bad) {
      for (const key of [['document', 'sync-state', part], [part, 'snapshot'], [`ab${part}`]]) {
        if (key[0] === 'abx'.padEnd(4_098, 'x') || key[0] === 'abé') continue;
        const before = problems.length;
        await adapter.save(key, new Uint8Array([1]));
        await adapter.remove(key);
        await adapter.removeRange(key);
        expect(await adapter.load(key)).toBeUndefined();
        expect(await adapter.loadRange(key)).toEqual([]);
        expect(problems.length, JSON.stringify(key).slice(0, 80)).toBe(before + 5);
      }
    }
    expect(disk.calls).toBe(0);
  });

  it('writes of one document keep their order: a late save does not undo a removal', async () => {
    const disk = newDisk();
    const { adapter } = open(disk);
    const key = ['abcdef', 'x', 'y'];
    const all = [
      adapter.save(key, new Uint8Array([1])),
      adapter.remove(key),
      adapter.save(key, new Uint8Array([2])),
      adapter.removeRange(['abcdef']),
    ];
    expect(await adapter.load(key)).toBeUndefined();
    await Promise.all(all);
    expect(await adapter.loadRange(['abcdef'])).toEqual([]);
    expect(disk.list(`${base}/ab`)).toEqual([]);
  });

  it('a burst of saves gives way to other work before each of them', async () => {
    const disk = newDisk();
    const savedAtTurn: number[] = [];
    const adapter = new DocumentsAdapter(disk, base, {
      segments: noSegments,
      onProblem: () => undefined,
      turn: async () => void savedAtTurn.push(disk.list(`${base}/ab`).length),
    });
    await Promise.all([1, 2, 3].map((n) => adapter.save([`abc${n}`, 'x'], new Uint8Array([n]))));
    expect(savedAtTurn).toEqual([0, 1, 2]);
  });

  it('P1: journal segments come from their own file, and the repo’s saves of them are ignored', async () => {
    const disk = newDisk();
    const seed = new Repo({});
    const original = seed.create<Doc>({ items: ['entry'] });
    const id = original.documentId;
    const data = A.save(original.doc());
    const segments = { owns: (one: DocumentId) => one === id, read: () => data };
    const { adapter, problems } = open(disk, base, segments);
    const repo = repoOn(adapter);
    const handle = await repo.find<Doc>(id);
    expect(handle.doc().items).toEqual(['entry']);
    add(handle, 'more');
    await repo.flush([id]);
    await adapter.removeRange([id]);
    await adapter.idle();
    expect(disk.list(`${base}/${id.slice(0, 2)}`)).toEqual([]);
    expect(await adapter.loadRange([id])).toEqual([{ key: [id, 'snapshot', 'segment'], data }]);
    expect(await adapter.loadRange([id, 'incremental'])).toEqual([]);
    await adapter.save([id, 'sync-state', 'peer'], new Uint8Array([1]));
    expect(await adapter.load([id, 'sync-state', 'peer'])).toEqual(new Uint8Array([1]));
    expect(problems).toEqual([]);
  });

  it('P1: a document read after kill -9 is durable before anyone hears of it', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const disk = newDisk(seed);
      // The process dies between the rename and the sync of the directory.
      const first = open(disk);
      await first.adapter.save(['abcdef', 'x', 'old'], new Uint8Array([1]));
      disk.fail({ nth: 1, kind: 'EIO', only: ['syncDirectory'] });
      await first.adapter.save(['abcdef', 'x', 'new'], new Uint8Array([2]));
      expect(first.kinds()).toEqual(['disk-failed']);
      disk.heal();
      disk.kill();
      const seen = await open(disk).adapter.loadRange(['abcdef', 'x']);
      disk.crash();
      expect(await open(disk).adapter.loadRange(['abcdef', 'x'])).toEqual(seen);
    }
  });
});

/** The document as it is on disk, by the pieces that are there. */
async function wholeOf(disk: FaultyDisk, id: DocumentId): Promise<Uint8Array> {
  const { adapter } = open(disk);
  const pieces = [
    ...(await adapter.loadRange([id, 'snapshot'])),
    ...(await adapter.loadRange([id, 'incremental'])),
  ];
  const doc = pieces.reduce(
    (sum, piece) => A.loadIncremental(sum, piece.data ?? new Uint8Array()),
    A.init<Doc>(),
  );
  return A.save(doc);
}

/** A link in memory: delivers in order, a turn of the event loop later. */
class MemoryLink extends NetworkAdapter {
  other: MemoryLink | undefined;
  isReady = (): boolean => true;
  whenReady = async (): Promise<void> => undefined;
  override connect(peerId: PeerId): void {
    this.peerId = peerId;
  }
  override send(message: Message): void {
    setImmediate(() => this.other?.emit('message', message));
  }
  override disconnect(): void {
    this.other = undefined;
  }
}

/** What a repo on this storage shows of the document once a peer that has it whole was met. */
async function syncedWith(
  storage: DocumentsAdapter,
  id: DocumentId,
  whole: Uint8Array,
): Promise<string[]> {
  const [left, right] = [new MemoryLink(), new MemoryLink()];
  [left.other, right.other] = [right, left];
  const peer = new Repo({ network: [right] });
  peer.import<Doc>(whole, { docId: id });
  const repo = new Repo({ storage, network: [left], saveDebounceRate: 0 });
  await storage.idle();
  await vi.waitFor(() => expect(left.peerId && right.peerId).toBeTruthy(), { interval: 5 });
  left.emit('peer-candidate', { peerId: peer.peerId, peerMetadata: {} });
  right.emit('peer-candidate', { peerId: repo.peerId, peerMetadata: {} });
  const handle = await repo.find<Doc>(id);
  const heads = A.getHeads(A.load(whole));
  await vi.waitFor(() => expect(A.getHeads(handle.doc())).toEqual(heads), { interval: 5 });
  await repo.flush([id]);
  const items = [...handle.doc().items];
  left.disconnect();
  right.disconnect();
  return items;
}

describe('a known document of which nothing is stored', () => {
  it('D3: is there at once with its genesis, and the published adapter reads what is saved on top of it', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-genesis-'));
    try {
      const genesis = A.getLastLocalChange(
        A.change(A.init<{ entries?: string[] }>({ actor: 'aa'.repeat(16) }), { time: 0 }, (doc) => {
          doc.entries = [];
        }),
      );
      const id = parseAutomergeUrl(generateAutomergeUrl()).documentId;
      const storage = new DocumentsAdapter(nodeDisk, directory, {
        segments: { read: () => undefined, owns: () => false },
        genesis: () => genesis,
        onProblem: (problem) => {
          throw new Error(problem.kind);
        },
      });
      const repo = new Repo({ storage });
      const handle = await repo.find<{ entries: string[] }>(id);
      handle.change((doc) => {
        doc.entries.push('one');
      });
      await repo.flush();
      await storage.idle();
      const published = new Repo({ storage: new NodeFSStorageAdapter(directory) });
      expect((await published.find<{ entries: string[] }>(id)).doc().entries).toEqual(['one']);
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  });
});
