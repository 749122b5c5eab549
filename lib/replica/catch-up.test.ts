import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalKeyOf, type JournalKey, type Principal } from '../domain/ids.ts';
import { peerIdOf, type OwnContents, type Presence, type Push } from '../mesh/protocol.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { CatchUp } from './catch-up.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let one: NewIncarnation;
let two: NewIncarnation;
let three: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('catch-up');
  one = await company.incarnation('S01', 'T1');
  two = await company.incarnation('S01', 'T2');
  three = await company.incarnation('S01', 'T3');
});

/** A till with its catch-up, and what it says. */
class Till {
  readonly replica: SampleReplica;
  readonly catchUp: CatchUp;
  readonly sent: { to: Principal; contents: OwnContents }[] = [];
  readonly forked: JournalKey[] = [];
  readonly peers = new Set<Principal>();
  readonly deaf = new Set<Principal>();

  constructor(me: NewIncarnation) {
    this.replica = new SampleReplica({ company, me });
    const { journals, registry, clock, guard } = this.replica;
    this.catchUp = new CatchUp({
      journals,
      registry,
      clock,
      send: (to, contents) => {
        this.sent.push({ to, contents });
        return true;
      },
      peers: () => [...this.peers],
      mayShare: (peer) => !this.deaf.has(peer),
      receive: (push: Push, from) => {
        const rule = registry.journalRule(push.journal, push.segment);
        return rule ? guard.journalChanges(rule, push.changes, from) : { accepted: 0, orphans: 0 };
      },
      onForked: (journal) => this.forked.push(journal),
    });
  }

  get me(): Principal {
    return this.replica.me.principal;
  }
  get key(): JournalKey {
    return journalKeyOf(this.replica.me.identity);
  }
  sell(times = 1, type = 'SaleCompleted'): void {
    for (let n = 0; n < times; n++)
      this.replica.own.append({ type, body: { n }, command: `command-${n}`, by: 'ann' });
  }
  presence(): Pick<Presence, 'tips'> {
    const tips: Presence['tips'] = {};
    for (const [journal, { segment, seq, hash }] of this.replica.journals.tips())
      if (hash !== '-') tips[journal] = { segment, seq, hash };
    return { tips };
  }
  /** What was said since the last look. */
  said(): { to: Principal; contents: OwnContents }[] {
    return this.sent.splice(0);
  }
}

let a: Till;
let b: Till;
let c: Till;
beforeEach(() => {
  [a, b, c] = [new Till(one), new Till(two), new Till(three)];
  for (const till of [a, b, c])
    for (const other of [a, b, c]) if (other !== till) till.replica.meet(other.replica.me);
});

/** Carries everything said between tills until nobody says anything more. */
function converse(...tills: Till[]): number {
  for (let rounds = 0; ; rounds++) {
    const said = tills.flatMap((till) => till.said().map((one) => ({ from: till, ...one })));
    if (said.length === 0) return rounds;
    if (rounds > 200) throw new Error('they talk without end');
    for (const { from, to, contents } of said) {
      const till = tills.find(({ me }) => me === to);
      const envelope = { senderId: peerIdOf(from.me), targetId: peerIdOf(to) };
      if (contents.type === 'tillmesh/want')
        till?.catchUp.onWant({ ...contents, ...envelope }, from.me);
      else if (contents.type === 'tillmesh/push')
        till?.catchUp.onPush({ ...contents, ...envelope }, from.me);
    }
  }
}

describe('catch-up', () => {
  it('P10: a new entry goes to every linked peer that may have it and has not shown it, as raw changes', () => {
    a.sell(2);
    b.catchUp.onPresence(a.presence(), a.me);
    converse(a, b);
    expect(b.replica.journals.tip(a.key).seq).toBe(2);
    a.peers.add(b.me).add(c.me);
    a.deaf.add(c.me);
    a.sell();
    const [arrival] = a.replica.arrivals.slice(-1);
    if (!arrival) throw new Error('no arrival');
    a.catchUp.spread(arrival);
    expect(a.said()).toEqual([
      {
        to: b.me,
        contents: {
          type: 'tillmesh/push',
          document: arrival.rule.id,
          journal: a.key,
          segment: 1,
          changes: [...arrival.changes],
        },
      },
    ]);
    // Not back to where it came from, and not to one that shows it has it.
    a.catchUp.spread(arrival, b.me);
    a.catchUp.onPresence(a.presence(), b.me);
    a.catchUp.spread(arrival);
    expect(a.said()).toEqual([]);
  });

  it('P4: a till that was away takes everything in order, over days and over its own gaps', () => {
    for (let day = 0; day < 4; day++) {
      a.sell(30);
      a.sell(1, 'DayClosed');
    }
    b.sell(7);
    b.catchUp.onPresence(a.presence(), a.me);
    a.catchUp.onPresence(b.presence(), b.me);
    expect(converse(a, b)).toBeGreaterThan(4);
    for (const till of [a, b])
      expect(till.replica.journals.tips()).toEqual(a.replica.journals.tips());
    expect(b.replica.journals.segments.of(a.key)).toEqual([1, 2, 3, 4]);
  });

  it('asks the one that is furthest, once, and somebody else when no answer came', () => {
    a.sell(3);
    c.catchUp.onPresence(a.presence(), a.me);
    converse(a, c);
    a.sell(2);
    b.catchUp.onPresence(c.presence(), c.me);
    expect(b.said().map(({ to }) => to)).toEqual([c.me]);
    b.catchUp.onPresence(a.presence(), a.me);
    b.catchUp.onPresence(c.presence(), c.me);
    expect(b.said()).toEqual([]);
    b.replica.clock.nowMs += 3_000;
    b.catchUp.onPresence(c.presence(), c.me);
    expect(b.said().map(({ to }) => to)).toEqual([a.me]);
  });

  it('asks another at once when the one that was asked goes away', () => {
    a.sell(3);
    c.catchUp.onPresence(a.presence(), a.me);
    converse(a, c);
    b.catchUp.onPresence(a.presence(), a.me);
    b.catchUp.onPresence(c.presence(), c.me);
    expect(b.said().map(({ to }) => to)).toEqual([a.me]);
    b.catchUp.onUnlinked(a.me);
    expect(b.said().map(({ to }) => to)).toEqual([c.me]);
  });

  it('an answer that brings nothing is not asked for again: no endless circle', () => {
    a.sell(3);
    b.catchUp.onPresence(a.presence(), a.me);
    expect(b.said()).toHaveLength(1);
    const rule = b.replica.registry.journalRule(a.key, 1);
    if (!rule) throw new Error('not admitted');
    const empty: Push = {
      type: 'tillmesh/push',
      document: rule.id,
      journal: a.key,
      segment: 1,
      changes: [],
    } as unknown as Push;
    for (let n = 0; n < 5; n++) b.catchUp.onPush(empty, a.me);
    expect(b.said()).toEqual([]);
  });

  it('what comes before its predecessor makes it ask for that one', () => {
    a.sell(3);
    const changes = a.replica.arrivals.flatMap((arrival) => [...arrival.changes]);
    const rule = b.replica.registry.journalRule(a.key, 1);
    if (!rule) throw new Error('not admitted');
    const push = {
      type: 'tillmesh/push',
      document: rule.id,
      journal: a.key,
      segment: 1,
      changes: changes.slice(2),
    } as unknown as Push;
    b.catchUp.onPush(push, a.me);
    expect(b.said().map(({ to, contents }) => [to, contents.type])).toEqual([
      [a.me, 'tillmesh/want'],
    ]);
    b.catchUp.onPresence(a.presence(), a.me);
    b.replica.clock.nowMs += 3_000;
    b.catchUp.onPresence(a.presence(), a.me);
    converse(a, b);
    expect(b.replica.journals.tip(a.key).seq).toBe(3);
  });

  it('journals of nobody known, and peers that may not share, are neither asked for nor told', () => {
    a.sell(2);
    const lonely = new Till(two);
    lonely.catchUp.onPresence(a.presence(), a.me);
    expect(lonely.said()).toEqual([]);
    // The roster has grown.
    lonely.replica.meet(one);
    lonely.catchUp.onRoster();
    expect(lonely.said()).toHaveLength(1);
    b.deaf.add(a.me);
    b.catchUp.onPresence(a.presence(), a.me);
    const want = { journal: b.key, seq: 0, hash: '-' } as Parameters<CatchUp['onWant']>[0];
    b.sell();
    b.catchUp.onWant(want, a.me);
    expect(b.said()).toEqual([]);
  });

  it('P3: another entry under the same seq is a fork, for who asks and for who is asked', () => {
    a.sell(2);
    const forged = a.presence().tips[a.key];
    if (!forged) throw new Error('no tip');
    b.catchUp.onPresence(a.presence(), a.me);
    converse(a, b);
    const tips = { [a.key]: { ...forged, hash: 'B'.repeat(43) } } as Presence['tips'];
    b.catchUp.onPresence({ tips }, c.me);
    expect(b.forked).toEqual([a.key]);
    const want = { type: 'tillmesh/want', journal: a.key, seq: 1, hash: 'B'.repeat(43) };
    a.catchUp.onWant(want as Parameters<CatchUp['onWant']>[0], b.me);
    expect(a.forked).toEqual([a.key]);
    expect(a.said()).toEqual([]);
  });

  it('two peers that lie of a tip do not keep an honest one from being asked', () => {
    a.sell(3);
    const lie = (seq: number) => {
      const { tips } = a.presence();
      const [tip] = Object.values(tips);
      if (!tip) throw new Error('no tip');
      return { tips: { [a.key]: { ...tip, seq } } };
    };
    const liars = [c.me, 'S01-T9-00000000000000aa' as Principal];
    const asked = new Set<Principal>();
    for (let round = 0; round < 4; round++) {
      for (const liar of liars) b.catchUp.onPresence(lie(1_000_000), liar);
      b.catchUp.onPresence(a.presence(), a.me);
      for (const { to } of b.said()) asked.add(to);
      b.replica.clock.nowMs += 3_000;
    }
    expect(asked).toEqual(new Set([...liars, a.me]));
  });
});
