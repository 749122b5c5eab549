/** Carts of a till that is alone, after somebody edited the files that hold them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { documentIdOf, names } from '../documents/names.ts';
import type { StoreId } from '../domain/ids.ts';
import type { CartView } from '../host/till-services.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { addLine, shownLines, stopTills, Till } from './sample-cart.ts';
import {
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';
import { TamperWatch } from './tamper-watch.ts';

let options: SampleRegisterOptions;
let directory: string;
let shown: CartView;
let parked: CartView;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tillmesh-salvage-'));
  const company = await SampleCompany.create('salvage');
  options = { directory, company, terminal: await company.terminal('S01', 'T1') };
  prepareDirectory(await sampleHeadOffice(company), options);
  const till = await Till.start(options);
  await till.change(addLine('a', 'TEA'));
  parked = await till.change(addLine('b', 'MILK'));
  await till.cart.parkCart('ann', parked.cart);
  await till.change(addLine('c', 'CUP'));
  await till.stop();
  // Written by another life of the process: the first edits of its actor are in a file of their own.
  const again = await Till.start(options);
  shown = await again.change(addLine('d', 'TEA'));
  await again.stop();
  begin().end();
});
afterEach(async () => {
  await stopTills();
  for (const each of [directory, `${directory}-witness`])
    rmSync(each, { recursive: true, force: true });
});

const begin = (): TamperWatch =>
  TamperWatch.begin({
    disk: nodeDisk,
    directory,
    witnessDirectory: `${directory}-witness`,
    clock: sampleClock(),
    onFound: () => undefined,
    onProblem: (error) => {
      throw error;
    },
  });

/** Of today's desk. */
function pieces(): string[] {
  const today = new Date(sampleClock().wallMs()).toISOString().slice(0, 10);
  const id = documentIdOf(names.desk('S01' as StoreId, today));
  const beneath = pathOfKey('documents', [id]);
  return ['snapshot', 'incremental'].flatMap((kind) =>
    nodeDisk.list(`${directory}/${beneath}/${kind}`).map((file) => `${beneath}/${kind}/${file}`),
  );
}

it('X11: of an edited desk what its writers signed stays: no cart is lost', async () => {
  const edited = pieces();
  expect(edited.length).toBeGreaterThan(1);
  for (const piece of edited) {
    const path = `${directory}/${piece}`;
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('what nobody signed')]));
  }
  const watch = begin();
  expect(watch.list.open.map(({ where }) => where).toSorted()).toEqual(edited.toSorted());
  watch.end();
  const till = await Till.start(options);
  expect(shownLines(await till.cart.cart('ann'))).toEqual(shownLines(shown));
  const [other] = await till.cart.storeCarts('ann');
  expect(other).toMatchObject({ cart: parked.cart, totalMinor: parked.totalMinor });
});
