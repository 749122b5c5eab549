import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { hash8Of } from '../journal/entry.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('own-journal');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
});

let here: SampleReplica;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
});

let commands = 0;
const write = (replica: SampleReplica, type = 'SaleCompleted', body: object = {}) =>
  replica.own.append({ type, body, command: `command-${++commands}`, by: 'ann' });

/** The same till after a restart: the same disk contents, everything else anew. */
function restarted(before: SampleReplica): SampleReplica {
  const after = new SampleReplica({ company, me: till });
  for (const segment of before.journals.segments.of(before.own.key)) {
    const path = `/data/journals/${before.own.key}/${segment}.changes`;
    after.disk.plant(path, before.disk.read(path) ?? new Uint8Array());
  }
  after.journals.start(() => undefined);
  return after;
}

function carryOver(from: SampleReplica, to: SampleReplica): void {
  to.meet(from.me);
  const rule = to.registry.journalRule(from.own.key, 1);
  if (!rule) throw new Error('not admitted');
  to.journals.receive(
    rule,
    from.arrivals.flatMap(({ changes }) => [...changes]),
    'peer',
  );
}

describe('own journal', () => {
  it('J3: seq, prev and the actor go on after a restart; every life of a process has its own actor', () => {
    const first = [write(here), write(here)];
    const after = restarted(here);
    const next = write(after);
    expect(next.entry).toMatchObject({ seq: 3, prev: first[1]?.hash });
    expect(next.entry.actor).not.toBe(first[0]?.entry.actor);
    expect(next.entry.actor.slice(0, 16)).toBe(first[0]?.entry.actor.slice(0, 16));
  });

  it('J4: a clock that was set back while the till was off does not turn the order round', () => {
    here.clock.nowMs = 10_000_000;
    const before = write(here);
    const after = restarted(here);
    after.clock.nowMs = -86_400_000;
    const [next, later] = [write(after), write(after)];
    expect(next.entry.at > before.entry.at).toBe(true);
    expect(later.entry.at > next.entry.at).toBe(true);
    expect(next.entry.wall).toBeLessThan(before.entry.wall);
  });

  it('J3: `saw` names the tips of other journals, once for each change', () => {
    const other = new SampleReplica({ company, me: peer });
    expect(write(here).entry.saw).toEqual({});
    write(other);
    const seen = write(other);
    carryOver(other, here);
    expect(write(here).entry.saw).toEqual({ [other.own.key]: [2, hash8Of(seen.hash)] });
    expect(write(here).entry.saw).toEqual({});
    const more = write(other);
    carryOver(other, here);
    expect(write(here).entry.saw).toEqual({ [other.own.key]: [3, hash8Of(more.hash)] });
  });

  it('J9: the entry after a closed day begins the next segment, also after a restart', () => {
    write(here);
    write(here, 'DayClosed');
    expect(here.journals.segments.of(here.own.key)).toEqual([1]);
    const after = restarted(here);
    write(after);
    write(after);
    expect(after.journals.segments.of(after.own.key)).toEqual([1, 2]);
    expect(after.own.tip.seq).toBe(4);
  });

  it('P3: an entry that is too large is nowhere, and its number goes to the next', () => {
    write(here);
    expect(() => write(here, 'SaleCompleted', { text: 'x'.repeat(limits.entryBytes) })).toThrow(
      expect.toSatisfy((error) => isTillmeshError(error, 'OVER_LIMIT')),
    );
    expect(here.own.tip.seq).toBe(1);
    expect(write(here).entry.seq).toBe(2);
    expect(here.arrivals).toHaveLength(2);
  });
});
