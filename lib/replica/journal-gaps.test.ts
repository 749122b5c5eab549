/** What counts while something is missing before it, and who may leave such a gap. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actorOf } from '../documents/names.ts';
import type { JournalRule } from '../documents/registry.ts';
import { journalKeyOf, type EntryHash, type Hlc, type JournalKey } from '../domain/ids.ts';
import { writeEntryChange, type ChangePlace } from '../journal/canonical-change.ts';
import { sealEntry } from '../journal/entry.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import type { Arrival } from './journals.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let other: NewIncarnation;
let journal: JournalKey;
beforeAll(async () => {
  company = await SampleCompany.create('gaps');
  till = await company.incarnation('S01', 'T1');
  other = await company.incarnation('S01', 'T2');
  journal = journalKeyOf(till.identity);
});

let peer: SampleReplica;
beforeEach(() => {
  peer = new SampleReplica({ company, me: other });
  peer.meet(till);
});

/** The arrivals of a till that closed its day after every third sale: three segments. */
function threeSegments(): Arrival[] {
  const source = new SampleReplica({ company, me: till });
  for (let n = 1; n <= 9; n++)
    source.own.append({
      type: n % 3 === 0 ? 'DayClosed' : 'SaleCompleted',
      body: { n },
      command: `command-${n}`,
      by: 'ann',
    });
  return source.arrivals;
}

function ruleOf(segment: number): JournalRule {
  const rule = peer.registry.journalRule(journal, segment);
  if (!rule) throw new Error(`segment ${segment} is not admitted`);
  return rule;
}

function deliver(arrivals: readonly Arrival[], segment: number): void {
  const changes = arrivals
    .filter((arrival) => arrival.rule.segment === segment)
    .flatMap((arrival) => arrival.changes);
  peer.guard.journalChanges(ruleOf(segment), changes, till.principal);
}

const told = () =>
  peer.arrivals.splice(0).map(({ entries }) => entries.map(({ entry }) => entry.seq));
const counted = () =>
  [...peer.journals.reader.entriesFrom(journal, 1)].flat().map(({ entry }) => entry.seq);

describe('what is missing in a journal', () => {
  it('P4: entries count when everything before them is here, once and in order', () => {
    const arrivals = threeSegments();
    peer.registry.learnJournal(journal, 3);
    deliver(arrivals, 3);
    deliver(arrivals, 2);
    expect(told()).toEqual([[], []]);
    expect(counted()).toEqual([]);
    expect(peer.journals.tip(journal).seq).toBe(0);
    deliver(arrivals, 1);
    expect(told()).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    expect(counted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(peer.journals.tip(journal)).toMatchObject({ segment: 3, seq: 9 });
  });

  it('P4: a gap in the middle holds back what follows it, and nothing else', () => {
    const arrivals = threeSegments();
    peer.registry.learnJournal(journal, 3);
    deliver(arrivals, 1);
    deliver(arrivals, 3);
    expect(told()).toEqual([[1, 2, 3], []]);
    expect(counted()).toEqual([1, 2, 3]);
    deliver(arrivals, 2);
    expect(told()).toEqual([[4, 5, 6, 7, 8, 9]]);
    expect(counted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  /** An entry that its writer signed, wherever he pretends it belongs. */
  function forge(rule: JournalRule, seq: number, prev: EntryHash | '-') {
    const start: ChangePlace = {
      hash: rule.genesis.hash,
      actor: rule.genesis.actor,
      actorSeq: 1,
      op: 1,
    };
    const actor = actorOf(till.principal, new Uint8Array(8).fill(7));
    const { bytes, hash } = sealEntry(
      {
        v: 1,
        ...till.identity,
        seq,
        prev,
        saw: {},
        at: `${(0x190000000000 + seq).toString(16)}0000` as Hlc,
        wall: 1,
        zone: 'UTC',
        command: `command-${seq}`,
        type: 'X',
        by: 'system',
        body: {},
        actor,
        dep: start.hash,
      },
      till.signer,
    );
    return { change: writeEntryChange(bytes, actor, start, start).bytes, hash };
  }

  it('P9: a segment that leaves out numbers after the one before it is refused', () => {
    const first = forge(ruleOf(1), 1, '-');
    peer.guard.journalChanges(ruleOf(1), [first.change], till.principal);
    const jump = forge(ruleOf(2), 1_000, first.hash);
    expect(() => peer.guard.journalChanges(ruleOf(2), [jump.change], till.principal)).toThrow(
      expect.objectContaining({ code: 'ENTRY_FORGED' }),
    );
    expect(peer.journals.tip(journal).seq).toBe(1);
    const next = forge(ruleOf(2), 2, first.hash);
    peer.guard.journalChanges(ruleOf(2), [next.change], till.principal);
    expect(counted()).toEqual([1, 2]);
  });

  it('P9: leaving out numbers is not hidden by sending the later segment first', () => {
    const first = forge(ruleOf(1), 1, '-');
    peer.registry.learnJournal(journal, 2);
    const jump = forge(ruleOf(2), 1_000, first.hash);
    peer.guard.journalChanges(ruleOf(2), [jump.change], till.principal);
    peer.guard.journalChanges(ruleOf(1), [first.change], till.principal);
    expect(counted()).toEqual([1]);
    expect(peer.journals.tip(journal)).toMatchObject({ segment: 1, seq: 1 });
  });

  it('P9: the first entry of a journal opens its first segment, and none of the others', () => {
    const second = forge(ruleOf(1), 2, 'A'.repeat(43) as EntryHash);
    expect(() => peer.guard.journalChanges(ruleOf(1), [second.change], till.principal)).toThrow(
      expect.objectContaining({ code: 'ENTRY_FORGED' }),
    );
    peer.registry.learnJournal(journal, 1);
    const first = forge(ruleOf(2), 1, '-');
    expect(() => peer.guard.journalChanges(ruleOf(2), [first.change], till.principal)).toThrow(
      expect.objectContaining({ code: 'ENTRY_FORGED' }),
    );
    expect(counted()).toEqual([]);
  });
});
