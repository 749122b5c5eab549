import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentId } from '@automerge/automerge-repo';
import type { JournalKey, Principal } from '../domain/ids.ts';
import { journalKeyOf } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { Disputes } from './disputes.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let others: NewIncarnation[];
beforeAll(async () => {
  company = await SampleCompany.create('disputes');
  till = await company.incarnation('S01', 'T1');
  others = [];
  for (let n = 0; n < 6; n++) others.push(await company.incarnation('S01', `T${n + 2}`));
});

const liar = 'S01-T8-00000000000000aa' as Principal;
const honest = 'S01-T9-00000000000000bb' as Principal;

let here: SampleReplica;
let open: Set<DocumentId>;
let errors: unknown[];
let disputes: Disputes;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
  open = new Set();
  errors = [];
  disputes = new Disputes({
    journals: here.journals,
    registry: here.registry,
    documents: {
      isLoaded: (id) => open.has(id),
      open: (rule) => {
        open.add(rule.id);
        return Promise.reject(new Error('nobody waits for it'));
      },
      forget: (id) => {
        open.delete(id);
        return Promise.resolve();
      },
    },
    clock: here.clock,
    onShared: () => undefined,
    onError: (error) => errors.push(error),
  });
  for (const other of others) {
    const source = new SampleReplica({ company, me: other });
    for (let n = 1; n <= 12; n++)
      source.own.append({
        type: n % 2 ? 'SaleCompleted' : 'DayClosed',
        body: { n },
        command: `command-${n}`,
        by: 'ann',
      });
    here.meet(other);
    for (const { rule, changes } of source.arrivals) {
      here.registry.learnJournal(rule.journal, rule.segment);
      here.journals.receive(
        here.registry.journalRule(rule.journal, rule.segment) ?? rule,
        changes,
        'peer',
      );
    }
  }
});

const keys = (): JournalKey[] => others.map(({ identity }) => journalKeyOf(identity));
const segmentsOpen = () =>
  keys().map((key) =>
    here.journals.segments.of(key).filter((segment) => {
      const rule = here.registry.journalRule(key, segment);
      return rule !== undefined && open.has(rule.id);
    }),
  );

describe('journals that two replicas hold differently', () => {
  it('a claim opens the segment of the other one’s tip and the end', () => {
    const [key, other, further] = keys() as [JournalKey, JournalKey, JournalKey];
    disputes.claim(key, 2, honest);
    expect(disputes.has(key)).toBe(true);
    disputes.claim(other, 9, honest);
    disputes.claim(further, undefined, honest);
    expect(segmentsOpen().slice(0, 3)).toEqual([
      [2, 5, 6],
      [5, 6],
      [5, 6],
    ]);
  });

  it('M4: false claims of one peer open a few journals, and not those of others’ claims', () => {
    for (const key of keys()) disputes.claim(key, 1, liar);
    expect(keys().filter((key) => disputes.has(key))).toHaveLength(limits.openClaims);
    const last = keys().at(-1) as JournalKey;
    expect(disputes.has(last)).toBe(false);
    disputes.claim(last, 1, honest);
    expect(disputes.has(last)).toBe(true);
  });

  it('M4: what proved nothing gives its memory back, and may be claimed again', () => {
    const [key] = keys() as [JournalKey];
    disputes.claim(key, 2, liar);
    here.clock.timers.splice(0).forEach(({ run }) => run());
    expect(disputes.has(key)).toBe(false);
    expect(open.size).toBe(0);
    disputes.claim(key, 2, honest);
    expect(segmentsOpen()[0]).toEqual([2, 5, 6]);
  });
});
