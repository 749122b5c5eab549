/** Desks between two real tills: real repos, real TLS on loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { realClock } from '../../tests/simulation/real-clock.ts';
import type { Sku } from '../domain/ids.ts';
import { TlsTransport } from '../mesh/tls-transport.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { TillCart } from './cart.ts';
import type { Register } from './register.ts';
import { openRegister, prepareDirectory, sampleHeadOffice } from './sample-register.ts';

let root: string;
let company: SampleCompany;
let office: SampleHeadOffice;
const opened: Register[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-desk-sync-'));
  company = await SampleCompany.create('desk-sync');
  office = await sampleHeadOffice(company);
});
afterAll(async () => {
  for (const register of opened) await register.stop();
  rmSync(root, { recursive: true, force: true });
});

async function open(terminal: string, targets: readonly number[]) {
  const options = {
    directory: join(root, terminal),
    company,
    terminal: await company.terminal('S01', terminal),
    clock: realClock,
    wire: {
      transport: (living, verifyPeer) =>
        new TlsTransport({
          clock: realClock,
          credentials: () => living.credentials,
          host: '127.0.0.1',
          port: 0,
          verifyPeer,
          onEvent: () => undefined,
        }),
      targets: () => targets.map((port) => ({ host: '127.0.0.1', port })),
    },
  } satisfies Parameters<typeof openRegister>[0];
  prepareDirectory(office, options);
  const register = await openRegister(options);
  opened.push(register);
  const cart = new TillCart({
    register,
    execute: (command) => register.execute(command),
    onProblem: (error) => {
      throw error;
    },
  });
  return { register, desks: register.replica.desks, cart };
}

it('a parked cart is recalled and paid at another till, once; its own till says the number', async () => {
  const one = await open('T1', []);
  const { port } = await one.register.replica.mesh.whenListening();
  // Nobody sells at the second till: its desk is not open when the first change comes.
  const two = await open('T2', [port]);
  await vi.waitFor(() => expect(two.register.replica.mesh.peers).toHaveLength(1), 10_000);
  const sku = 'TEA' as Sku;
  const rung = await one.cart.changeCart('ann', {
    kind: 'add',
    line: 'a',
    sku,
    quantityMilli: 2_000,
  });
  if (rung.outcome !== 'done') throw new Error(rung.code);
  const { cart: id, totalMinor } = rung.cart;
  one.desks.write({ cart: id, by: 'ann', state: 'parked' });
  await vi.waitFor(() => expect(two.desks.cart(id)?.state).toBe('parked'), 10_000);
  expect(two.desks.cart(id)).toEqual(one.desks.cart(id));

  await two.desks.begin();
  two.desks.write({ cart: id, by: 'max', state: 'open' });
  const shown = await two.cart.cart('max');
  expect(shown).toMatchObject({ cart: id, totalMinor, lines: [{ quantityMilli: 2_000 }] });
  const tenders = [{ kind: 'cash', givenMinor: 10_000 }];
  const paid = await two.cart.pay('max', id, totalMinor, tenders);
  if (paid.outcome !== 'done') throw new Error(paid.outcome);
  await vi.waitFor(async () => {
    const again = await one.cart.pay('ann', id, totalMinor, tenders);
    expect(again).toMatchObject({ outcome: 'repeated', number: paid.number });
    expect(one.desks.cart(id)).toMatchObject({
      terminal: 'T2',
      state: 'paid',
      number: paid.number,
    });
  }, 10_000);
  expect(one.register.models.totals().documents).toBe(1);
}, 30_000);
