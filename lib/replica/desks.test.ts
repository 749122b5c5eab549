import * as A from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListDocument } from '../documents/genesis.ts';
import { documentIdOf, names } from '../documents/names.ts';
import { linesOf, type DeskLine } from '../domain/desk-cart.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { Principal, Sku, StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany, sampleNowMs } from '../trust/sample-company.ts';
import { SampleReplica, syncMessage } from './sample-replica.ts';

const today = new Date(sampleNowMs).toISOString().slice(0, 10);
const desk = names.desk('S01' as StoreId, today);
const line = (quantityMilli: number, order = 0): DeskLine => ({
  sku: 'TEA' as Sku,
  quantityMilli,
  order,
});

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
let foreign: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('desks');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
  foreign = await company.incarnation('S02', 'T1');
});

let here: SampleReplica;
let there: SampleReplica;
beforeEach(async () => {
  here = new SampleReplica({ company, me: till });
  there = new SampleReplica({ company, me: peer });
  here.meet(peer);
  there.meet(till);
  await here.desks.begin();
  await there.desks.begin();
});

async function changesOf(replica: SampleReplica, name = desk): Promise<Uint8Array[]> {
  const rule = replica.registry.rule(documentIdOf(name));
  if (!rule) throw new Error('no desk');
  const handle = await replica.documents.open<ListDocument>(rule);
  return A.getAllChanges(handle.doc()).slice(1);
}

function outcome(
  replica: SampleReplica,
  changes: readonly Uint8Array[],
  from: Principal,
  name = desk,
): 'taken' | 'unavailable' | ErrorCode {
  const given = {
    type: 'sync',
    documentId: documentIdOf(name),
    data: syncMessage(changes),
    senderId: 'x',
    targetId: 'y',
  } as Message;
  try {
    return replica.guard.inspect(given, from) === 'unavailable' ? 'unavailable' : 'taken';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

describe('desks', () => {
  it('a cart is what was written, line by line', () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    const now = here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    expect(now && linesOf(now).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(here.desks.cart(cart)).toEqual(now);
  });

  it('P4: a parked cart is the same at another till, whatever the order of its edits', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    here.desks.write({ cart, by: 'ann', state: 'parked' });
    for (const change of (await changesOf(here)).toReversed()) {
      expect(outcome(there, [change], till.principal)).toBe('taken');
      await there.merge(desk, [change]);
    }
    expect(there.desks.cart(cart)).toEqual(here.desks.cart(cart));
    const recalled = there.desks.write({ cart, by: 'bob', state: 'open' });
    expect(recalled).toMatchObject({ terminal: 'T2', operator: 'bob', state: 'open' });
  });

  it('a change with any byte altered, and a desk of another store, get nowhere', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    const [change] = await changesOf(here);
    if (!change) throw new Error('no change');
    for (let at = 0; at < change.length; at += 37) {
      const altered = Uint8Array.from(change, (byte, n) => (n === at ? byte ^ 1 : byte));
      expect(outcome(there, [altered], till.principal)).not.toBe('taken');
    }
    expect(outcome(there, [change], foreign.principal)).toBe('unavailable');
    expect(there.desks.cart(cart)).toBeUndefined();
    expect(outcome(there, [change], till.principal)).toBe('taken');
  });

  it('a cart lies where it was after a restart, and its till goes on with it', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    const before = here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    await here.desks.save();
    const again = new SampleReplica({ company, me: till, disk: here.disk });
    await again.desks.begin();
    expect(again.desks.cart(cart)).toEqual(before);
    again.desks.write({ cart, by: 'ann', lines: { a: line(5_000) } });
    const changes = await changesOf(again);
    expect(outcome(there, changes, till.principal)).toBe('taken');
    await there.merge(desk, changes);
    expect(there.desks.cart(cart)).toEqual(again.desks.cart(cart));
  });

  it('P4: what many tills wrote at once is the same everywhere, with no edit lost', async () => {
    const carts: string[] = [];
    for (let n = 0; n < 40; n++) {
      const replica = n % 2 === 0 ? here : there;
      const cart = replica.desks.newCartId();
      carts.push(cart);
      replica.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(n + 1) } });
    }
    const [ours, theirs] = [await changesOf(here), await changesOf(there)];
    for (const change of theirs) {
      expect(outcome(here, [change], peer.principal)).toBe('taken');
      await here.merge(desk, [change]);
    }
    expect(outcome(there, ours, till.principal)).toBe('taken');
    await there.merge(desk, ours);
    for (const [n, cart] of carts.entries()) {
      expect(here.desks.cart(cart)?.lines.get('a')).toEqual(line(n + 1));
      expect(there.desks.cart(cart)).toEqual(here.desks.cart(cart));
    }
  });

  it('one that is not open when a change comes is opened, and takes it the next time', async () => {
    const late = new SampleReplica({ company, me: peer });
    late.meet(till);
    late.desks.keepUp();
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'parked', lines: { a: line(1_000) } });
    const changes = await changesOf(here);
    expect(outcome(late, changes, till.principal)).toBe('unavailable');
    await vi.waitFor(() => expect(outcome(late, changes, till.principal)).toBe('taken'));
    await late.merge(desk, changes);
    expect(late.desks.cart(cart)).toEqual(here.desks.cart(cart));
  });

  it('a member who signs two changes in one place is named, and neither counts twice', async () => {
    // The same random numbers in two processes: a copied till.
    const [one, two] = [1, 1].map((seed) => new SampleReplica({ company, me: till, seed }));
    if (!one || !two) throw new Error('no replicas');
    for (const [n, replica] of [one, two].entries()) {
      await replica.desks.begin();
      const cart = 'T1-cart-of-a-copied-till';
      replica.desks.write({ cart, by: 'ann', state: 'parked', lines: { a: line(n + 1) } });
    }
    const first = await changesOf(one);
    expect(outcome(there, first, till.principal)).toBe('taken');
    await there.merge(desk, first);
    expect(outcome(there, await changesOf(two), peer.principal)).toBe('unavailable');
    expect(there.broken).toEqual([till.principal]);
    expect(there.desks.cart('T1-cart-of-a-copied-till')?.lines.get('a')).toEqual(line(1));
  });

  it('what a barred peer left waiting is forgotten by the document too, and comes anew', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'parked', lines: { a: line(1_000) } });
    here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    const [first, second] = await changesOf(here);
    if (!first || !second) throw new Error('no changes');
    expect(outcome(there, [second], peer.principal)).toBe('taken');
    await there.merge(desk, [second]);
    there.desks.forgetOrphansOf(peer.principal);
    expect(outcome(there, [first], till.principal)).toBe('taken');
    await there.merge(desk, [first]);
    expect(there.desks.cart(cart)?.lines.size).toBe(1);
    expect(outcome(there, [second], till.principal)).toBe('taken');
    await there.merge(desk, [second]);
    expect(there.desks.cart(cart)).toEqual(here.desks.cart(cart));
  });

  it('a cart stays where it is, whatever others write of its id into the desks of other days', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    await here.desks.save();
    // The peer's clock is a day ahead: its edits are in a desk that is looked into first after a restart.
    there.clock.nowMs += 24 * 3_600_000;
    await there.desks.begin();
    there.desks.write({ cart, by: 'eve', state: 'open', lines: { a: line(9_000) } });
    const tomorrow = names.desk('S01' as StoreId, there.desks.today ?? '');
    const edits = await changesOf(there, tomorrow);
    const again = new SampleReplica({ company, me: till, disk: here.disk });
    again.meet(peer);
    await again.desks.open(there.desks.today ?? '');
    expect(outcome(again, edits, peer.principal, tomorrow)).toBe('taken');
    await again.merge(tomorrow, edits);
    await again.desks.begin();
    expect(again.desks.cart(cart)).toEqual(here.desks.cart(cart));
    const later = again.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    expect([later?.lines.size, again.desks.dayOf(cart)]).toEqual([2, today]);
  });

  it('only an actor’s first change carries its chain; a later one is judged by it, or by the roster', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } });
    const [first, second] = await changesOf(here);
    if (!first || !second) throw new Error('no changes');
    expect(first.length).toBeGreaterThan(1_000);
    expect(second.length).toBeLessThan(500);
    const stranger = async () => {
      const replica = new SampleReplica({ company, me: peer });
      await replica.desks.begin();
      return replica;
    };
    const without = await stranger();
    expect(outcome(without, [second], till.principal)).toBe('unavailable');
    expect(outcome(without, [first, second], till.principal)).toBe('taken');
    const knowing = await stranger();
    knowing.meet(till);
    expect(outcome(knowing, [second], till.principal)).toBe('taken');
    // By what is on the disk alone.
    await without.merge(desk, [first, second]);
    await without.desks.save();
    await without.documents.flush();
    here.desks.write({ cart, by: 'ann', lines: { c: line(2_000, 2) } });
    const third = (await changesOf(here)).slice(2);
    const again = new SampleReplica({ company, me: peer, disk: without.disk });
    await again.desks.begin();
    expect(outcome(again, third, till.principal)).toBe('taken');
  });

  it('a message of more changes than an honest till sends closes the link', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    const [change = new Uint8Array()] = await changesOf(here);
    const many = Array.from({ length: limits.changesPerPush + 1 }, () => change);
    expect(outcome(there, many, till.principal)).toBe('OVER_LIMIT');
  });

  it('a cart that a newer version wrote is left out, and the others are there', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    const strange = { sku: 7 } as unknown as DeskLine;
    here.desks.write({
      cart: 'T1-of-a-newer-version',
      by: 'ann',
      state: 'open',
      lines: { a: strange },
    });
    expect([...here.desks.carts()].map(({ id }) => id)).toEqual([cart]);
    expect(here.invalid).toEqual([expect.stringContaining('cart T1-of-a-newer-version')]);
  });
});

describe('days', () => {
  const pass = async (replica: SampleReplica, days: number) => {
    replica.clock.nowMs += days * 24 * 3_600_000;
    await replica.desks.begin();
  };
  const admitted = (replica: SampleReplica) =>
    [...replica.registry.rules()].flatMap((rule) => (rule.kind === 'desk' ? [rule.day] : []));

  it('only those around the own clock are admitted, however long a till runs', async () => {
    for (let n = 0; n < 40; n++) await pass(here, 1);
    const around = limits.deskDaysBack + 1 + limits.deskDaysAhead;
    await vi.waitFor(() => expect(admitted(here)).toHaveLength(around));
    expect(admitted(here).toSorted().at(-2)).toBe('2026-02-24');
    expect(here.documents.isLoaded(documentIdOf(desk))).toBe(false);
  });

  it('one with an open cart stays, and is forgotten once it is paid', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
    for (let n = 0; n < 12; n++) await pass(here, 1);
    expect(here.desks.cart(cart)?.state).toBe('open');
    expect(admitted(here)).toContain(today);
    here.desks.write({ cart, by: 'ann', state: 'paid' });
    await pass(here, 1);
    await vi.waitFor(() => expect(admitted(here)).not.toContain(today));
    expect(here.desks.cart(cart)).toBeUndefined();
  });

  it('carts of others keep a day no longer than it is admitted', async () => {
    const cart = there.desks.newCartId();
    there.desks.write({ cart, by: 'bob', state: 'parked', lines: { a: line(1_000) } });
    const changes = await changesOf(there);
    expect(outcome(here, changes, peer.principal)).toBe('taken');
    await here.merge(desk, changes);
    await pass(here, limits.deskDaysBack);
    expect(here.desks.cart(cart)?.state).toBe('parked');
    await pass(here, 1);
    await vi.waitFor(() => expect(here.documents.isLoaded(documentIdOf(desk))).toBe(false));
    expect(admitted(here)).not.toContain(today);
  });

  it('a terminal fills no more of them all together than its share of what is open', async () => {
    const bound = limits as { deskTerminalBytesOpen: number };
    const { deskTerminalBytesOpen } = limits;
    bound.deskTerminalBytesOpen = 2_000;
    try {
      const fill = async (days: number): Promise<string> => {
        await pass(there, days);
        await here.desks.open(there.desks.today ?? '');
        const name = names.desk('S01' as StoreId, there.desks.today ?? '');
        const cart = there.desks.newCartId();
        there.desks.write({ cart, by: 'eve', state: 'parked', lines: { a: line(1_000) } });
        const changes = await changesOf(there, name);
        const verdict = outcome(here, changes, peer.principal, name);
        if (verdict === 'taken') await here.merge(name, changes);
        return verdict;
      };
      const verdicts: string[] = [];
      for (const days of [1, -1, -1]) verdicts.push(await fill(days));
      expect(verdicts).toEqual(['taken', 'taken', 'unavailable']);
      // Another's are taken all the same.
      const other = await company.incarnation('S01', 'T3');
      const third = new SampleReplica({ company, me: other });
      await third.desks.begin();
      const cart = third.desks.newCartId();
      third.desks.write({ cart, by: 'ann', state: 'parked', lines: { a: line(1_000) } });
      expect(outcome(here, await changesOf(third), other.principal)).toBe('taken');
    } finally {
      bound.deskTerminalBytesOpen = deskTerminalBytesOpen;
    }
  });

  it('a clock that is set back or far ahead finds a desk to write in', async () => {
    for (const days of [300, -299, -5]) {
      await pass(here, days);
      const cart = here.desks.newCartId();
      here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } });
      expect(here.desks.dayOf(cart)).toBe(here.desks.today);
    }
  });

  it('of the last week with open carts are read at the start, others are not', async () => {
    const parked = here.desks.newCartId();
    here.desks.write({ cart: parked, by: 'ann', state: 'parked', lines: { a: line(1_000) } });
    await here.desks.save();
    const later = new SampleReplica({ company, me: till, disk: here.disk });
    await pass(later, limits.deskDaysBack);
    expect(later.desks.cart(parked)?.state).toBe('parked');
    const tooLate = new SampleReplica({ company, me: till, disk: here.disk });
    await pass(tooLate, limits.deskDaysBack + 1);
    expect(tooLate.desks.cart(parked)).toBeUndefined();
  });
});
