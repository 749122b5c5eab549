import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import type { Sku, StoreId } from '../domain/ids.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { ReadSide } from './read-side.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('read-side');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
});

let here: SampleReplica;
let directory: string;
let file: string;
let open: ReadSide[];
const count = { folded: 0, rebuilt: 0 };
let errors: unknown[];
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-read-side-'));
  file = path.join(directory, 'projections.db');
  [open, errors] = [[], []];
  Object.assign(count, { folded: 0, rebuilt: 0 });
});
afterEach(() => {
  for (const side of open) side.close();
  fs.rmSync(directory, { recursive: true });
});

function readSide(): ReadSide {
  const side = new ReadSide({
    file,
    store: 'S01' as StoreId,
    own: here.own.key,
    onFolded: () => count.folded++,
    onRebuilt: () => count.rebuilt++,
    onError: (error) => errors.push(error),
  });
  open.push(side);
  return side;
}
const close = (side: ReadSide): void => {
  open = open.filter((one) => one !== side);
  side.close();
};

let documents = 0;
function deliver(replica: SampleReplica, quantityMilli = 1_000) {
  documents++;
  const { store, terminal } = replica.me.identity;
  return replica.own.append({
    type: 'StockAdjusted',
    body: {
      number: `${store}-${terminal}A-A-${documents}`,
      businessDay: '2026-01-15',
      reason: 'delivery',
      lines: [{ sku: 'TEA', name: 'Tea', quantityMilli }],
    },
    command: `deliver-${documents}`,
    by: 'ann',
  });
}
const tea = (side: ReadSide) => side.models.stock('TEA' as Sku);

describe('read side', () => {
  it('P4: what was queued is folded together, and at the latest before anybody asks', async () => {
    const side = readSide();
    side.catchUp(here.journals);
    for (let n = 0; n < 5; n++) side.queue([deliver(here)]);
    expect(count.folded).toBe(0);
    expect(tea(side)).toBe(5_000);
    expect(count.folded).toBe(1);
    side.queue([deliver(here)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(count.folded).toBe(2);
    expect(tea(side)).toBe(6_000);
  });

  it('P4: a reader that was behind folds what the journals have beyond it, and no other store’s', () => {
    const first = readSide();
    first.queue([deliver(here), deliver(here)]);
    close(first);
    deliver(here);
    here.meet(peer);
    const elsewhere = new SampleReplica({ company, me: peer });
    deliver(elsewhere, 50_000);
    const rule = here.registry.journalRule(elsewhere.own.key, 1);
    if (!rule) throw new Error('not admitted');
    here.journals.receive(
      rule,
      elsewhere.arrivals.flatMap(({ changes }) => [...changes]),
      'peer',
    );
    const second = readSide();
    expect(second.hint(here.own.key)).toMatchObject({ seq: 2 });
    second.catchUp(here.journals);
    expect(tea(second)).toBe(53_000);
    expect(second.models.cursors().size).toBe(2);
    second.catchUp(here.journals);
    expect(tea(second)).toBe(53_000);
  });

  it('rows of entries that the journal has lost are dropped and folded anew', () => {
    const side = readSide();
    side.queue([deliver(here), deliver(here), deliver(here)]);
    close(side);
    const lost = new SampleReplica({ company, me: till });
    deliver(lost, 7_000);
    const again = new ReadSide({
      file,
      store: 'S01' as StoreId,
      own: lost.own.key,
      onFolded: () => undefined,
      onRebuilt: () => undefined,
      onError: (error) => errors.push(error),
    });
    open.push(again);
    again.catchUp(lost.journals);
    expect(tea(again)).toBe(7_000);
  });

  it('P8: a file that is lost or is no database any more is made from the journals', () => {
    const side = readSide();
    side.queue([deliver(here), deliver(here)]);
    close(side);
    for (const contents of [undefined, 'no database at all', '']) {
      if (contents === undefined) fs.rmSync(file);
      else fs.writeFileSync(file, contents);
      const again = readSide();
      again.catchUp(here.journals);
      expect(tea(again)).toBe(2_000);
      close(again);
    }
  });

  it('P8: damage that shows while in use is repaired from the journals, and HQ’s data is asked for again', () => {
    const side = readSide();
    side.catchUp(here.journals);
    side.queue(Array.from({ length: 400 }, () => deliver(here)));
    side.flush();
    side.models.tidy();
    const size = fs.statSync(file).size;
    const descriptor = fs.openSync(file, 'r+');
    for (let at = 4_096; at < size; at += 512)
      fs.writeSync(descriptor, Buffer.alloc(512, 0xa5), 0, 512, at);
    fs.closeSync(descriptor);
    const seen = { answers: 0, refusals: 0 };
    for (let n = 0; n < 60; n++) {
      try {
        // Each of these reads another page; the cache holds some of them for a while.
        const models = side.models;
        models.documents(n * 5, 5);
        models.documentsByNumber(`S01-T1A-A-${n}`);
        expect(models.stock('TEA' as Sku)).toBe(400_000);
        seen.answers++;
      } catch (error) {
        expect(isTillmeshError(error, 'FILE_DAMAGED')).toBe(true);
        seen.refusals++;
      }
    }
    // Right answers, or an error: never a wrong one.
    expect(seen.answers).toBeGreaterThan(0);
    if (seen.refusals > 0) expect(count.rebuilt).toBeGreaterThan(0);
    expect(tea(side)).toBe(400_000);
  });
});
