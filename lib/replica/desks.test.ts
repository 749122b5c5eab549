import * as A from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListDocument } from '../documents/genesis.ts';
import { documentIdOf, names } from '../documents/names.ts';
import { linesOf, type DeskLine } from '../domain/desk-cart.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { Principal, Sku, StoreId } from '../domain/ids.ts';
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
  await here.desks.begin(today);
  await there.desks.begin(today);
});

async function changesOf(replica: SampleReplica): Promise<Uint8Array[]> {
  const rule = replica.registry.rule(documentIdOf(desk));
  if (!rule) throw new Error('no desk');
  const handle = await replica.documents.open<ListDocument>(rule);
  return A.getAllChanges(handle.doc()).slice(1);
}

function outcome(
  replica: SampleReplica,
  changes: readonly Uint8Array[],
  from: Principal,
): 'taken' | 'unavailable' | ErrorCode {
  const given = {
    type: 'sync',
    documentId: documentIdOf(desk),
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
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } }, today);
    const now = here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } }, today);
    expect(now && linesOf(now).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(here.desks.cart(cart)).toEqual(now);
  });

  it('P4: a parked cart is the same at another till, whatever the order of its edits', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } }, today);
    here.desks.write({ cart, by: 'ann', lines: { b: line(2_000, 1) } }, today);
    here.desks.write({ cart, by: 'ann', state: 'parked' }, today);
    for (const change of (await changesOf(here)).toReversed()) {
      expect(outcome(there, [change], till.principal)).toBe('taken');
      await there.merge(desk, [change]);
    }
    expect(there.desks.cart(cart)).toEqual(here.desks.cart(cart));
    const recalled = there.desks.write({ cart, by: 'bob', state: 'open' }, today);
    expect(recalled).toMatchObject({ terminal: 'T2', operator: 'bob', state: 'open' });
  });

  it('a change with any byte altered, and a desk of another store, get nowhere', async () => {
    const cart = here.desks.newCartId();
    here.desks.write({ cart, by: 'ann', state: 'open', lines: { a: line(1_000) } }, today);
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
});
