import { beforeAll, describe, expect, it } from 'vitest';
import { actorPrefixOf } from '../documents/names.ts';
import { DocumentRegistry, type JournalRule } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { journalKeyOf } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes } from '../journal/bytes.ts';
import { readEntryChange, writeEntryChange } from '../journal/canonical-change.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { HybridClock } from '../journal/hybrid-clock.ts';
import { split } from '../storage/chunks.ts';
import { nodeTools } from '../storage/node-chunks.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany, seededBytes } from '../trust/sample-company.ts';
import { verifyChain } from '../trust/chain.ts';
import { JournalFiles } from './journal-files.ts';
import { Journals, type Arrival } from './journals.ts';
import { OwnJournal } from './own-journal.ts';

let till: NewIncarnation;
let company: SampleCompany;
beforeAll(async () => {
  company = await SampleCompany.create('journals');
  till = await company.incarnation('S01', 'T1');
});

const clock: Clock = {
  wallMs: () => 1_700_000_000_000,
  monotonicMs: () => 0,
  zone: () => 'UTC',
  setTimer: () => ({ cancel() {} }),
};

function replica(disk: FaultyDisk) {
  const registry = new DocumentRegistry();
  const arrivals: Arrival[] = [];
  const damaged: string[] = [];
  const journals = new Journals({
    files: new JournalFiles(disk, '/data/journals'),
    registry,
    writer: () => ({
      actorPrefix: actorPrefixOf(till.principal),
      verify: verifyChain(till.chain, company.caDer).verify,
    }),
    onArrival: (arrival) => arrivals.push(arrival),
    onDamaged: (rule) => {
      damaged.push(rule.name);
      disk.rename(
        `/data/journals/${rule.journal}/${rule.segment}.changes`,
        `/aside-${damaged.length}`,
      );
    },
  });
  const key = journalKeyOf(till.identity);
  registry.learnJournal(key, 0);
  return {
    registry,
    journals,
    arrivals,
    damaged,
    key,
    entries: () => arrivals.flatMap((arrival) => arrival.entries),
  };
}

let lives = 0;
function writer(disk: FaultyDisk) {
  const parts = replica(disk);
  parts.journals.start(() => undefined);
  const own = new OwnJournal({
    identity: till.identity,
    journals: parts.journals,
    registry: parts.registry,
    sign: till.signer,
    hybridClock: new HybridClock(clock),
    clock,
    random: seededBytes(`life ${lives++}`),
    ensureRoom: () => undefined,
    witness: { reserve: () => undefined, used: () => undefined },
  });
  const sell = (n: number, type = 'SaleCompleted') =>
    own.append({ type, body: { n }, command: `command-${n}`, by: 'ann' });
  return { ...parts, own, sell };
}

const seqs = (entries: readonly VerifiedEntry[]) => entries.map((read) => read.entry.seq);
const all = (parts: ReturnType<typeof replica>) =>
  seqs([...parts.journals.reader.entriesFrom(parts.key, 1)].flat());
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('journals', () => {
  it('P1: what was appended is there after a power cut, and the next entry follows it', () => {
    const disk = new FaultyDisk(seededRandom(1));
    let last = 0;
    for (let round = 0; round < 20; round++) {
      const { sell, own } = writer(disk);
      expect(own.tip.seq).toBe(last);
      for (let n = 0; n < 7; n++) expect(sell(++last).entry.seq).toBe(last);
      disk.crash();
    }
    expect(all(replicaStarted(disk))).toEqual(upTo(140));
  });

  it('P3: an append that the disk refuses leaves nothing, and its number goes to the next', () => {
    for (let nth = 1; nth < 12; nth++) {
      for (const kind of ['ENOSPC', 'EIO', 'short'] as const) {
        const disk = new FaultyDisk(seededRandom(nth));
        const first = writer(disk);
        for (let n = 1; n <= 3; n++) first.sell(n);
        disk.fail({ nth, kind });
        let refused = 0;
        for (let n = 4; n <= 9; n++) {
          try {
            first.sell(n);
          } catch (error) {
            expect(isTillmeshError(error)).toBe(true);
            refused++;
          }
        }
        const acknowledged = first.entries().map((read) => read.hash);
        disk.heal();
        disk.crash();
        const after = writer(disk);
        const kept = [...after.journals.reader.entriesFrom(after.key, 1)].flat();
        expect(seqs(kept)).toEqual(upTo(kept.length));
        expect(kept.map((read) => read.hash).slice(0, acknowledged.length)).toEqual(acknowledged);
        expect(kept.length).toBeLessThanOrEqual(acknowledged.length + refused);
        expect(after.sell(99).entry.seq).toBe(kept.length + 1);
      }
    }
  });

  it('J9: a segment ends with a closed day or a thousand entries; the chain goes on in the next', () => {
    const disk = new FaultyDisk(seededRandom(2));
    const { sell, journals, key } = writer(disk);
    sell(1);
    sell(2, 'DayClosed');
    for (let n = 3; n <= limits.entriesPerSegment + 4; n++) sell(n);
    expect(journals.segments.of(key)).toEqual([1, 2, 3]);
    expect(journals.tip(key)).toMatchObject({ segment: 3, seq: limits.entriesPerSegment + 4 });
    expect(all(replicaStarted(disk))).toEqual(upTo(limits.entriesPerSegment + 4));
  });

  it('P4: a peer that takes the changes in pieces and any order of segments ends with the same tip', () => {
    const disk = new FaultyDisk(seededRandom(3));
    const source = writer(disk);
    for (let n = 1; n <= 30; n++) source.sell(n, n % 10 === 0 ? 'DayClosed' : 'SaleCompleted');
    const peer = replica(new FaultyDisk(seededRandom(4)));
    peer.registry.learnJournal(peer.key, 3);
    for (const segment of [3, 1, 2]) {
      const rule = peer.registry.journalRule(peer.key, segment);
      if (!rule) throw new Error('not admitted');
      const changes = source.arrivals
        .filter((arrival) => arrival.rule.segment === segment)
        .flatMap((arrival) => arrival.changes);
      peer.journals.receive(rule, changes.toReversed(), 'peer');
      peer.journals.receive(rule, changes, 'peer');
    }
    expect(peer.journals.tip(peer.key)).toEqual(source.journals.tip(source.key));
    expect(all(peer)).toEqual(upTo(30));
    expect(seqs(peer.entries()).sort((a, b) => a - b)).toEqual(upTo(30));
  });

  it('P10: hands out what a peer lacks in order, and knows a fork by the hash', () => {
    const source = writer(new FaultyDisk(seededRandom(5)));
    for (let n = 1; n <= 25; n++) source.sell(n, n % 10 === 0 ? 'DayClosed' : 'SaleCompleted');
    const peer = replica(new FaultyDisk(seededRandom(6)));
    for (let round = 0; peer.journals.tip(peer.key).seq < 25; round++) {
      expect(round).toBeLessThan(10);
      const tip = peer.journals.tip(peer.key);
      const answer = source.journals.reader.after(source.key, tip.seq, tip.hash, 7, 1 << 20);
      const rule = answer && peer.registry.journalRule(peer.key, answer.segment);
      if (!answer || !rule) throw new Error('no answer');
      peer.journals.receive(rule, answer.changes, 'peer');
    }
    expect(all(peer)).toEqual(upTo(25));
    expect(
      source.journals.reader.after(source.key, 12, 'B'.repeat(43), 7, 1 << 20),
    ).toBeUndefined();
    expect(
      source.journals.reader.after(source.key, 25, source.own.tip.hash, 7, 1 << 20)?.changes,
    ).toEqual([]);
  });

  it('P8: a damaged segment is set aside, and comes back from a peer', () => {
    const disk = new FaultyDisk(seededRandom(7));
    const source = writer(disk);
    for (let n = 1; n <= 25; n++) source.sell(n, n % 10 === 0 ? 'DayClosed' : 'SaleCompleted');
    const path = `/data/journals/${source.key}/2.changes`;
    disk.flipBit(path, 8 * 700);
    const peer = replicaStarted(disk);
    expect(all(peer)).not.toContain(12);
    expect(peer.damaged).toEqual([`journal/${source.key}/2`]);
    expect(peer.journals.tip(peer.key)).toMatchObject({ segment: 1, seq: 10 });
    const rule = peer.registry.journalRule(peer.key, 2);
    if (!rule) throw new Error('not admitted');
    const changes = source.arrivals
      .filter((arrival) => arrival.rule.segment === 2)
      .flatMap((arrival) => arrival.changes);
    peer.journals.receive(rule, changes, 'peer');
    expect(peer.journals.tip(peer.key).seq).toBe(25);
    expect(all(peer)).toEqual(upTo(25));
  });

  it.each([
    ['in the middle', (length: number) => 8 * Math.floor(length / 2)],
    ['at the end', (length: number) => 8 * (length - 40)],
  ])('P8: damage %s of a sealed segment is found when a peer asks for it', (_, bitAt) => {
    const disk = new FaultyDisk(seededRandom(11));
    const source = writer(disk);
    for (let n = 1; n <= 25; n++) source.sell(n, n % 10 === 0 ? 'DayClosed' : 'SaleCompleted');
    const { journals, key, damaged } = replicaStarted(disk);
    expect(journals.tip(key).seq).toBe(25);
    const path = `/data/journals/${key}/2.changes`;
    disk.flipBit(path, bitAt(disk.read(path)?.length ?? 0));
    const asked = journals.reader.after(
      key,
      10,
      source.journals.reader.hashAt(key, 10) ?? '',
      99,
      1 << 20,
    );
    expect(asked?.changes).toEqual([]);
    expect(damaged).toEqual([`journal/${key}/2`]);
    // Not a word more of what is not here: whoever has it is asked for it.
    expect(journals.tip(key)).toMatchObject({ segment: 1, seq: 10 });
  });

  it('P8: a disk that refuses to read has not damaged what it holds', () => {
    const disk = new FaultyDisk(seededRandom(12));
    const source = writer(disk);
    for (let n = 1; n <= 25; n++) source.sell(n, n % 10 === 0 ? 'DayClosed' : 'SaleCompleted');
    const { journals, key, damaged, registry } = replicaStarted(disk);
    const rule = registry.journalRule(key, 2);
    if (!rule) throw new Error('not admitted');
    let refused = 0;
    for (let nth = 1; nth <= 6; nth++) {
      disk.fail({ nth, kind: 'EIO', only: ['read'] });
      try {
        journals.segments.load(rule);
      } catch (error) {
        expect(isTillmeshError(error, 'DISK_REFUSED')).toBe(true);
        refused++;
      }
      disk.heal();
      journals.segments.unload(rule);
    }
    expect(refused).toBeGreaterThan(0);
    expect(damaged).toEqual([]);
    expect(journals.tip(key).seq).toBe(25);
  });

  it('P3: a copy that wrote on gives a fork: both sides are kept', () => {
    const disk = new FaultyDisk(seededRandom(8));
    const one = writer(disk);
    for (let n = 1; n <= 5; n++) one.sell(n);
    const copy = new FaultyDisk(seededRandom(9));
    const path = `/data/journals/${one.key}/1.changes`;
    copy.plant(path, disk.read(path) ?? new Uint8Array());
    const two = writer(copy);
    one.sell(6);
    two.sell(66);
    two.sell(77);
    const peer = replica(new FaultyDisk(seededRandom(10)));
    const rule = peer.registry.journalRule(peer.key, 1);
    if (!rule) throw new Error('not admitted');
    for (const side of [one, two])
      peer.journals.receive(
        rule,
        side.arrivals.flatMap((arrival) => arrival.changes),
        'peer',
      );
    // The copy's own arrivals do not hold what it began with; both met after entry 5.
    expect(peer.journals.isForked(peer.key)).toBe(true);
    expect(all(peer).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 6, 7]);
  });

  it('P3: one branch that has closed its day proves the fork by how its next segment begins, also after a start', () => {
    const disk = new FaultyDisk(seededRandom(11));
    const one = writer(disk);
    for (let n = 1; n <= 3; n++) one.sell(n);
    const copyDisk = new FaultyDisk(seededRandom(12));
    const path = `/data/journals/${one.key}/1.changes`;
    copyDisk.plant(path, disk.read(path) ?? new Uint8Array());
    const copy = writer(copyDisk);
    for (let n = 4; n <= 7; n++) copy.sell(n * 10);
    one.sell(4, 'DayClosed');
    one.sell(5);
    const second = copy.registry.journalRule(copy.key, 2);
    if (!second) throw new Error('not admitted');
    const ofSecond = one.arrivals.filter(({ rule }) => rule.segment === 2);
    expect(copy.journals.isForked(copy.key)).toBe(false);
    copy.journals.receive(
      second,
      ofSecond.flatMap(({ changes }) => changes),
      'peer',
    );
    const expected = [1, 2, 3, 4, 5, 5, 6, 7];
    const hint = copy.journals.tip(copy.key);
    for (const side of [copy, replicaStarted(copyDisk, hint)]) {
      expect(side.journals.isForked(side.key)).toBe(true);
      expect(all(side).sort((a, b) => a - b)).toEqual(expected);
      expect(side.journals.tip(side.key).seq).toBe(7);
    }
  });

  it('P3: branches that close at different seqs stay a fork after a start, also where their numbers meet end to end', () => {
    const disk = new FaultyDisk(seededRandom(13));
    const one = writer(disk);
    for (let n = 1; n <= 3; n++) one.sell(n);
    const copyDisk = new FaultyDisk(seededRandom(14));
    const path = `/data/journals/${one.key}/1.changes`;
    copyDisk.plant(path, disk.read(path) ?? new Uint8Array());
    const copy = writer(copyDisk);
    one.sell(4, 'DayClosed');
    for (let n = 5; n <= 6; n++) one.sell(n);
    for (let n = 4; n <= 8; n++) copy.sell(n * 10, n === 6 ? 'DayClosed' : 'SaleCompleted');
    const second = one.registry.journalRule(one.key, 2);
    if (!second) throw new Error('not admitted');
    // What the copy sold before it closed is not here yet: nobody would ask for it, were this one line up to 8.
    const ofSecond = copy.arrivals.filter(({ rule }) => rule.segment === 2);
    one.journals.receive(
      second,
      ofSecond.flatMap(({ changes }) => changes),
      'peer',
    );
    const hint = one.journals.tip(one.key);
    for (const side of [one, replicaStarted(disk), replicaStarted(disk, hint)]) {
      expect(side.journals.isForked(side.key)).toBe(true);
      expect(side.journals.tip(side.key)).toEqual(hint);
    }
  });

  it('P5: a file that was edited by hand accuses nobody of a second branch, and is asked for again', () => {
    const disk = new FaultyDisk(seededRandom(15));
    const one = writer(disk);
    for (let n = 1; n <= 3; n++) one.sell(n);
    one.sell(4, 'DayClosed');
    for (let n = 5; n <= 6; n++) one.sell(n);
    const first = one.registry.journalRule(one.key, 1);
    if (!first) throw new Error('not admitted');
    const path = `/data/journals/${one.key}/1.changes`;
    const genuine = split(disk.read(path) ?? new Uint8Array(), nodeTools);
    const hint = one.journals.tip(one.key);
    disk.plant(path, concatBytes([...genuine.slice(0, -1), edited(first, genuine.slice(-2))]));
    const side = replicaStarted(disk, hint);
    expect(side.damaged).toHaveLength(1);
    expect(side.journals.isForked(side.key)).toBe(false);
    expect(side.journals.tip(side.key).seq).toBe(0);
    side.journals.receive(first, genuine, 'peer');
    expect(side.journals.isForked(side.key)).toBe(false);
    expect(side.journals.tip(side.key)).toEqual(hint);
    expect(all(side)).toEqual(upTo(6));
  });
});

/** The last of two changes with another entry in it, and a checksum that fits. */
function edited({ genesis }: JournalRule, changes: readonly Uint8Array[]): Uint8Array {
  const start = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
  const [before, last] = changes.map((change) => readEntryChange(change, start));
  if (!before || !last) throw new Error('not two');
  const text = new TextDecoder().decode(last.blob).replace('"n":4', '"n":9');
  const blob = new TextEncoder().encode(text);
  return writeEntryChange(blob, last.place.actor, before.place, start).bytes;
}

function replicaStarted(disk: FaultyDisk, hint?: { seq: number; hash: string }) {
  const parts = replica(disk);
  parts.journals.start(() => hint);
  return parts;
}
