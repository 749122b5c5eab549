/**
 * Lies of a till that belongs, which are no offence by themselves or come to light later: the honest are never punished for
 * a liar, and what a writer signed is kept, whatever it is.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ListDocument } from '#lib/documents/genesis.ts';
import { limits } from '#lib/domain/limits.ts';
import { until } from '../system/until.ts';
import { falsely, Scribe, type Written } from './forgeries.ts';
import { Ground, roles } from './ground.ts';
import type { Intruder, Road } from './intruder.ts';

let ground: Ground;
const consoleLog = vi.spyOn(console, 'log').mockImplementation(() => undefined);
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());
afterEach(async () => {
  ground.leave();
  expect(consoleLog, 'nothing malformed reached the repo').not.toHaveBeenCalled();
  for (const role of roles)
    expect(ground.network.node(role).faults.filter(({ kind }) => kind !== 'storm')).toEqual([]);
  await ground.network.settled();
});

/** A till with two entries that everybody has and two that nobody has yet. */
async function ghost(): Promise<{ scribe: Scribe; late: [Written, Written] }> {
  const scribe = new Scribe(await ground.newcomer());
  await ground.introduce(scribe, 2);
  return { scribe, late: [scribe.write(), scribe.write()] };
}

describe.each(roles)('N7: a genuine entry in a false place, at a %s', (role) => {
  describe.each<Road>(['sync', 'push'])('brought by %s', (liesBy) => {
    it.each<[Road, 'there' | 'gone', 'apart' | 'together']>([
      ['push', 'there', 'apart'],
      ['sync', 'there', 'apart'],
      ['push', 'gone', 'together'],
      ['sync', 'gone', 'together'],
    ])(
      'the liar is barred and not who brings the truth by %s (liar %s, truth %s)',
      async (tellsBy, whereabouts, how) => {
        const { scribe, late } = await ghost();
        const liar = await ground.linkTo(role, await ground.newcomer());
        const honest = await ground.linkTo(role, await ground.newcomer());
        liar.write(liesBy, scribe, [falsely(scribe, late[1], late[0])]);
        await liar.answered();
        expect(ground.tip(role, scribe.journal).seq).toBe(2);
        if (whereabouts === 'gone') {
          liar.leave();
          await until('the end of the link', () => liar.closedWith);
        }
        if (how === 'together') honest.write(tellsBy, scribe, late);
        else for (const one of late) honest.write(tellsBy, scribe, [one]);
        await honest.answered();

        expect(ground.tip(role, scribe.journal)).toMatchObject({ seq: 4, hash: late[1].read.hash });
        expect(ground.isBarred(role, liar.me.principal)).toBe(true);
        expect(ground.isBarred(role, honest.me.principal)).toBe(false);
        expect(honest.closedWith).toBeUndefined();
        if (whereabouts === 'there') expect(await liar.closed()).toBe(1008);
        const handle = await ground.replica(role).repo.find<ListDocument>(scribe.id);
        await until('the document', () => handle.doc().entries.length === 4 || undefined);
        expect(handle.heads()).toHaveLength(1);
        expect(ground.replica(role).journals.isForked(scribe.journal)).toBe(false);
        ground.expectSelling(role);
      },
    );
  });

  it('what a liar left waiting takes no room from the honest', async () => {
    const { scribe, late } = await ghost();
    const liar = await ground.linkTo(role, scribe.who);
    const nowhere = (n: number) => ({
      ...scribe.start,
      actor: scribe.actor,
      actorSeq: 8,
      op: 8 + n,
    });
    const flood = Array.from({ length: limits.entriesPerSegment }, (_, n) =>
      scribe.forge({
        fields: { seq: 50 + n },
        after: { ...nowhere(n), hash: n.toString(16).padStart(64, 'f') },
      }),
    );
    liar.write('push', scribe, flood);
    await liar.answered();
    const honest = await ground.linkTo(role, await ground.newcomer());
    honest.write('push', scribe, [late[1]]);
    honest.write('push', scribe, [late[0]]);
    await honest.answered();
    expect(ground.tip(role, scribe.journal).seq).toBe(4);
    liar.write('push', scribe, [
      scribe.forge({ fields: { seq: 9_999 }, after: { ...nowhere(1), hash: 'ab'.repeat(32) } }),
    ]);
    expect(await liar.closed()).toBe(1008);
    expect(ground.isBarred(role, liar.me.principal)).toBe(true);
    expect(ground.replica(role).journals.forgetOrphansOf(liar.me.principal)).toEqual([]);
  });
});

describe('a writer that signs two entries for one place of its journal', () => {
  it.each<[Road, 'tip' | 'branch']>([
    ['push', 'tip'],
    ['sync', 'tip'],
    ['push', 'branch'],
  ])(
    'by %s, a %s: kept, counted, flagged as a fork everywhere; nobody dies of it',
    async (road, what) => {
      const scribe = new Scribe(await ground.newcomer());
      await ground.introduce(scribe, 2);
      // Same actor, same seq of it: to Automerge they are one change with two contents.
      const one = scribe.forge({ fields: { body: { which: 'one' } } });
      const other = scribe.write({ body: { which: 'other' } });
      const branch = what === 'tip' ? [other] : [other, scribe.write(), scribe.write()];
      const { register, honest, relay } = ground.network;
      const links = [
        await ground.linkTo('register', scribe.who),
        await ground.linkTo('relay', scribe.who),
      ];
      const [first, second] = links;
      if (!first || !second) throw new Error('no link');
      first.write(road, scribe, [one]);
      await first.answered();
      second.write(road, scribe, branch);
      await second.answered();
      // Both to one as well, the later by the road that reaches Automerge first.
      first.write('sync', scribe, branch);
      second.write('sync', scribe, [one]);
      const kept = [register, relay].map(
        ({ replica }) =>
          () =>
            [...replica.journals.reader.entriesFrom(scribe.journal, 1)].flat().length,
      );
      await until(
        'both branches',
        () => kept.every((count) => count() === 3 + branch.length) || undefined,
      );
      await ground.network.agreed();
      for (const node of [register, relay]) {
        expect(node.replica.journals.isForked(scribe.journal)).toBe(true);
        expect(node.events).toContainEqual({ kind: 'forked', journal: scribe.journal });
      }
      expect(honest.faults).toEqual([]);
      for (const role of roles) await ground.network.restart(role);
      expect(
        kept.map(
          (_, n) =>
            [
              ...ground
                .replica(n ? 'relay' : 'register')
                .journals.reader.entriesFrom(scribe.journal, 1),
            ].flat().length,
        ),
      ).toEqual([3 + branch.length, 3 + branch.length]);
      await ground.network.agreed();
    },
  );

  it('what waits in Automerge for a change that both follow does no harm when that comes', async () => {
    const scribe = new Scribe(await ground.newcomer());
    await ground.introduce(scribe, 1);
    const missing = scribe.write();
    const one = scribe.forge({ fields: { body: { which: 'one' } } });
    const other = scribe.forge({ fields: { body: { which: 'other' } } });
    for (const role of roles) {
      const link = await ground.linkTo(role, scribe.who);
      link.write('sync', scribe, [one]);
      link.write('sync', scribe, [other]);
      await link.answered();
      link.write(role === 'relay' ? 'sync' : 'push', scribe, [missing]);
      await link.answered();
      expect(link.closedWith).toBeUndefined();
      expect(
        [...ground.replica(role).journals.reader.entriesFrom(scribe.journal, 1)].flat(),
      ).toHaveLength(4);
    }
    await ground.network.agreed();
  });
});

describe.each(roles)('N8: a session played again, at a %s', (role) => {
  it('brings nothing new, before and after a restart', async () => {
    const scribe = new Scribe(await ground.newcomer());
    await ground.introduce(scribe, 5);
    const session = (link: Intruder) => {
      link.introduce();
      for (const one of scribe.written) {
        link.write('push', scribe, [one]);
        link.write('sync', scribe, [one]);
      }
    };
    for (const restart of [false, true]) {
      if (restart) await ground.network.restart(role);
      const before = ground.picture(role);
      const link = await ground.linkTo(role, scribe.who);
      session(link);
      await link.answered();
      expect(link.closedWith).toBeUndefined();
      expect({ ...ground.picture(role) }).toEqual(before);
    }
  });
});

describe('P8: what a till may write and nobody understands', () => {
  it('genuine entries with absurd bodies are kept, counted as nothing, and everybody agrees', async () => {
    const scribe = new Scribe(await ground.newcomer());
    await ground.introduce(scribe, 1);
    const sale = (body: object) => ({
      type: 'SaleCompleted',
      body: body as Record<string, unknown>,
    });
    const line = { sku: 'TEA', quantityMilli: 1_000, unitPriceE4: 19_900, amountMinor: 199 };
    const whole = {
      number: 'S01-T1A-S-1',
      businessDay: '2026-11-21',
      currency: 'EUR',
      lines: [line],
    };
    for (const body of [
      {},
      { ...whole, lines: 'all' },
      { ...whole, totalMinor: Number.MAX_SAFE_INTEGER, lines: [{ ...line, quantityMilli: 1e15 }] },
      { ...whole, businessDay: '9999-99-99', totalMinor: -1 },
      { ...whole, number: "x'; drop table documents; --", totalMinor: 199 },
      { ...whole, number: 'x'.repeat(200_000), totalMinor: 199 },
      { ...whole, lines: [{ ...line, sku: 'constructor' }], totalMinor: 199 },
      { ...whole, lines: [{ ...line, sku: 'toString' }], totalMinor: 199 },
    ])
      scribe.write(sale(body));
    for (const type of [
      'ForkSeen',
      'ForeignWriteRefused',
      'StockCounted',
      'IncarnationBegun',
      '__proto__',
    ])
      scribe.write({ type, body: { journal: '../../x', peer: 7, lines: [null], hashes: {} } });
    for (const role of roles) {
      const link = await ground.linkTo(role, scribe.who);
      link.write('push', scribe, scribe.written);
      await link.answered();
      expect(ground.tip(role, scribe.journal).seq).toBe(scribe.written.length);
    }
    await ground.network.agreed();
  });
});
