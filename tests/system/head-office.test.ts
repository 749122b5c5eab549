/** Head office's screens against a real relay with its PostgreSQL and a real till, by the routes that the pages use. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { plainSettings } from '#lib/domain/settings.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { joinNetwork } from '#lib/trust/enrolment-client.ts';
import { parseJoinCode, type JoinCode } from '#lib/trust/join-code.ts';
import { newKeyPair } from '#lib/trust/keys.ts';
import { random } from './in-process-till.ts';
import { Shop } from './shop.ts';
import { operator, plannedSale } from './sales.ts';
import { until } from './until.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(1);
});
afterAll(() => shop.close());

let cookie = '';
const anyBody = z.looseObject({});
type Body = Record<string, never>;

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
  const at = `http://127.0.0.1:${shop.relay.ready.api ?? 0}`;
  const answer = await fetch(`${at}/screen/${path}`, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && { origin: at }),
      cookie,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const read = anyBody.parse(await answer.json()) as Body;
  return { status: answer.status, body: read, cookie: answer.headers.get('set-cookie') };
}
const signIn = (pin: string = operator.pin) =>
  ask('POST', 'session', { operator: operator.id, pin });

const totalsSchema = z.array(
  z.looseObject({ currency: z.string(), sales: z.number(), totalMinor: z.number() }),
);
const overviewSchema = z.looseObject({
  archiving: z.looseObject({ databaseReachable: z.boolean(), waiting: z.number() }),
  stores: z.array(
    z.looseObject({
      store: z.string(),
      name: z.string(),
      notArchived: z.number(),
      tills: z.array(z.looseObject({ terminal: z.string(), linked: z.boolean() })),
      today: z.looseObject({ totals: totalsSchema, hours: z.array(z.unknown()) }),
    }),
  ),
});
const documentsSchema = z.looseObject({
  source: z.string(),
  documents: z.array(z.looseObject({ number: z.string(), store: z.string(), hash: z.string() })),
  next: z.string().optional(),
});

const custodySchema = z.looseObject({
  custody: z.looseObject({ holders: z.array(z.string()) }),
});

const overview = async () => overviewSchema.parse((await ask('GET', 'hq/overview')).body);
const documents = async (query = '') =>
  documentsSchema.parse((await ask('GET', `hq/documents?${query}`)).body);

test('a manager signs in with the PIN of the store; without it nothing is told', async () => {
  expect((await ask('GET', 'hq/overview')).status).toBe(401);
  expect((await signIn('000000')).status).toBe(401);
  // Counted on the relay's own disk, where a restart finds it.
  expect(statSync(join(shop.relayDirectory, 'wrong-pins.json')).mode & 0o777).toBe(0o600);
  const signed = await signIn();
  expect([signed.status, signed.body]).toMatchObject([200, { state: 'open' }]);
  cookie = signed.cookie?.split(';', 1)[0] ?? '';
});

test('a sale is in the figures, in the list, and with its chain of custody', async () => {
  const sale = plannedSale('sale-0001', [
    [1, 2],
    [2, 1],
  ]);
  const sold = await shop.till('T1').execute(sale.command);
  const number = sold.number;
  const seen = await until('the sale in the figures', async () => {
    const [store] = (await overview()).stores;
    return store?.today.totals[0]?.sales === 1 && store.notArchived === 0 ? store : undefined;
  });
  expect(seen).toMatchObject({
    store: 'S01',
    name: 'Test',
    tills: [{ terminal: 'T1', linked: true, letter: 'A', lives: 1, notHere: 0 }],
    today: { totals: [{ currency: 'EUR', sales: 1, returns: 0, totalMinor: sale.totalMinor }] },
  });
  expect(seen.today.hours).toHaveLength(1);
  const listed = await until('the sale in the archive', async () => {
    const page = await documents();
    return page.documents.length === 1 ? page : undefined;
  });
  expect(listed).toMatchObject({ source: 'archive', documents: [{ number, store: 'S01' }] });
  // The writer's own word that it is on its disk comes a moment after the sale.
  const receipt = await until('the word of the till', async () => {
    const found = await ask('GET', `hq/receipts/S01/${number}`);
    return custodySchema.parse(found.body).custody.holders.length > 0 ? found : undefined;
  });
  expect(receipt.body).toMatchObject({
    number,
    totalMinor: sale.totalMinor,
    body: { lines: [{ sku: 'P1' }, { sku: 'P2' }] },
    custody: {
      hash: listed.documents[0]?.hash,
      letter: 'A',
      isHere: true,
      archived: true,
      isArchiveAsked: true,
      arrivedAtMs: expect.any(Number),
      archivedAtMs: expect.any(Number),
      prev: expect.stringMatching(/^[\w-]{43}$/),
      holders: ['S01-T1'],
      forked: false,
    },
  });
  expect((await ask('GET', 'hq/receipts/S01/S01-T1A-S-99')).status).toBe(404);
  expect((await ask('GET', `hq/receipts/S02/${number}`)).status).toBe(404);
});

test('a code lets a till in, once', async () => {
  const made = await ask('POST', 'hq/join-codes', { store: 'S01', terminal: 'T2' });
  expect(made.body).toMatchObject({ outcome: 'done', syncPort: shop.syncPort });
  const { code } = z.looseObject({ code: z.string() }).parse(made.body);
  const open = await ask('GET', 'hq/terminals');
  expect(open.body).toMatchObject({
    codes: [{ store: 'S01', terminal: 'T2' }],
    stores: [{ next: 'T3' }],
  });
  await shop.addTillWith('T2', `${code}@127.0.0.1:${shop.syncPort}`);
  await until('the new till', async () => {
    const [store] = (await overview()).stores;
    return store?.tills.every(({ linked }) => linked) && store.tills.length === 2
      ? true
      : undefined;
  });
  expect((await ask('GET', 'hq/terminals')).body).toMatchObject({ codes: [] });
  const foreign = await ask('POST', 'hq/join-codes', { store: 'S02', terminal: 'T1' });
  expect([foreign.status, foreign.body]).toMatchObject([409, { code: 'NOT_PERMITTED' }]);
});

test('N9: a till is replaced: the old one out, one code that counts, the new one has everything', async () => {
  const code = z.looseObject({ code: z.string() });
  const t2 = { store: 'S01', terminal: 'T2', reason: 'replaced' };
  const began = await ask('POST', 'hq/replacements', t2);
  expect(began.body).toMatchObject({
    outcome: 'done',
    reason: 'replaced',
    syncPort: shop.syncPort,
  });
  // Asked again, as after a lost answer: what is done stays, and the code of before is void.
  const again = await ask('POST', 'hq/replacements', { ...t2, reason: 'lost' });
  expect(again.body).toMatchObject({ outcome: 'repeated', reason: 'replaced' });
  const listed = z.looseObject({
    codes: z.array(z.looseObject({ id: z.string(), terminal: z.string() })),
  });
  const { codes } = listed.parse((await ask('GET', 'hq/terminals')).body);
  expect(codes.map(({ terminal }) => terminal)).toEqual(['T2']);
  const { code: counts } = code.parse(again.body);
  const gone = `hq/join-codes/S01/${code.parse(began.body).code.slice(0, 4)}`;
  expect((await ask('DELETE', gone)).body).toMatchObject({ code: 'JOIN_CODE_GONE' });
  await shop.addTillWith('T2', `${counts}@127.0.0.1:${shop.syncPort}`, 'T2-new');
  const replaced = await until('the new one has all journals', async () => {
    const { body } = await ask('GET', 'hq/terminals/S01/T2');
    const [device] = z.looseObject({ devices: z.array(anyBody) }).parse(body).devices;
    return device?.['missingThere'] === 0 && device['linked'] === true ? body : undefined;
  });
  expect(replaced).toMatchObject({
    terminal: 'T2',
    codes: [],
    devices: [
      {
        letter: 'B',
        letInBy: { kind: 'headOffice', issuerKey: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      { letter: 'A', revocation: { reason: 'replaced', by: 'max', byName: 'Max' } },
    ],
  });
  const done = await ask('POST', 'hq/replacements', {
    ...t2,
    terminalKey: z
      .looseObject({ devices: z.array(z.looseObject({ terminalKey: z.string() })) })
      .parse(replaced).devices[1]?.terminalKey,
  });
  expect(done.body).toMatchObject({ outcome: 'joined' });
  const whichOne = await ask('POST', 'hq/replacements', t2);
  expect([whichOne.status, whichOne.body]).toMatchObject([409, { code: 'TERMINAL_AMBIGUOUS' }]);

  const range = { store: 'S01', terminal: 'T1', first: 10, last: 19 };
  expect((await ask('POST', 'hq/issuers', range)).body).toMatchObject({ outcome: 'done' });
  const taken = await ask('POST', 'hq/issuers', { ...range, terminal: 'T2', first: 19, last: 29 });
  expect([taken.status, taken.body]).toMatchObject([409, { code: 'RANGE_TAKEN' }]);
  expect((await ask('GET', 'hq/terminals/S01/T1')).body).toMatchObject({
    devices: [{ ranges: [{ first: 10, last: 19, used: [], counts: true }] }],
    freeRange: { first: 20, last: 29 },
  });
  const elsewhere = await ask('POST', 'hq/join-codes', { store: 'S01', terminal: 'T12' });
  expect(elsewhere.body).toMatchObject({ code: 'NUMBER_GIVEN_BY_TILL' });

  const [, t1InForce] = await until('both say what they have in force', async () => {
    const { body } = await ask('GET', 'hq/releases');
    const read = z
      .looseObject({
        releases: z.array(z.looseObject({ n: z.number(), signedBy: z.string() })),
        stores: z.array(
          z.looseObject({ tills: z.array(z.looseObject({ inForce: z.number().optional() })) }),
        ),
      })
      .parse(body);
    const [newest] = read.releases;
    const tills = read.stores[0]?.tills ?? [];
    const all = tills.every(({ inForce }) => inForce === newest?.n);
    return all && tills.length === 2 ? [newest, tills[0]?.inForce] : undefined;
  });
  expect(t1InForce).toBeGreaterThan(0);
});

test('a manager is told of the own stores and of no other', async () => {
  const rosa = { id: 'rosa', name: 'Rosa', pin: '1357', roles: ['manager'] };
  const ann = { id: 'ann', name: 'Ann', pin: '2468', roles: ['supervisor', 'cashier'] };
  const settings = { name: 'Second', ...plainSettings('GBP') };
  await shop.relayApi.put('/api/settings/S02', settings, z.unknown());
  await shop.relayApi.put('/api/operators/S02', { operators: [rosa, ann] }, z.unknown());
  expect((await overview()).stores.map((each) => each.store)).toEqual(['S01']);

  const ofMax = cookie;
  cookie = '';
  expect((await ask('GET', 'operators')).body).toEqual({
    operators: [
      { id: 'max', name: 'Max', roles: ['manager'] },
      { id: 'rosa', name: 'Rosa', roles: ['manager'] },
    ],
    waits: [],
  });
  const supervisor = await ask('POST', 'session', { operator: 'ann', pin: ann.pin });
  expect([supervisor.status, supervisor.body]).toMatchObject([401, { code: 'PIN_WRONG' }]);
  const signed = await ask('POST', 'session', { operator: 'rosa', pin: rosa.pin });
  cookie = signed.cookie?.split(';', 1)[0] ?? '';
  expect((await overview()).stores).toMatchObject([{ store: 'S02', name: 'Second', tills: [] }]);
  expect((await documents()).documents).toEqual([]);
  expect((await documents('store=S01')).documents).toEqual([]);
  expect((await ask('GET', 'hq/receipts/S01/S01-T1A-S-1')).status).toBe(404);
  expect((await ask('GET', 'hq/terminals')).body).toMatchObject({
    stores: [{ store: 'S02', next: 'T1' }],
  });
  const enrolled = await ask('POST', 'hq/join-codes', { store: 'S01', terminal: 'T7' });
  expect([enrolled.status, enrolled.body]).toMatchObject([409, { code: 'NOT_PERMITTED' }]);

  // Taken off the list: out at once.
  await shop.relayApi.put('/api/operators/S02', { operators: [ann] }, z.unknown());
  expect((await ask('GET', 'hq/overview')).status).toBe(401);
  cookie = ofMax;
});

/** The server and all that serve its connections. */
function serversOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
}

test.skipIf(process.platform !== 'linux')(
  'while the database hangs the screens show what the relay knows, and nobody signs in',
  async () => {
    const pid = shop.databasePid();
    if (pid === undefined) throw new Error('no database');
    // Stopped, not ended: the relay would start it again within a second.
    const servers = serversOf(pid);
    for (const each of servers) process.kill(each, 'SIGSTOP');
    try {
      const sale = plannedSale('sale-0002', [[3, 1]]);
      const { number } = await shop.till('T1').execute(sale.command);
      const page = await until('the newest of the relay', async () => {
        const found = await documents();
        return found.source === 'relay' ? found : undefined;
      });
      expect(page.documents[0]?.number).toBe(number);
      const [store] = (await overview()).stores;
      expect(store?.today.totals).toMatchObject([{ sales: 2 }]);
      expect((await ask('GET', `hq/receipts/S01/${number}`)).body).toMatchObject({
        custody: { isHere: true, isArchiveAsked: false, archived: false },
      });
      expect((await ask('GET', 'hq/terminals')).body).not.toHaveProperty('codes');
      const refused = await signIn();
      expect([refused.status, refused.body]).toMatchObject([
        503,
        { error: { code: 'DATABASE_UNREACHABLE' } },
      ]);
    } finally {
      for (const each of servers) process.kill(each, 'SIGCONT');
    }
  },
);

test('N9: a name that lives is given to nobody else, neither a code nor by one that was made before', async () => {
  const enrol = (code: string) =>
    joinNetwork({
      host: '127.0.0.1',
      port: shop.syncPort,
      code: parseJoinCode(code) as JoinCode,
      terminalKey: newKeyPair(random).privateKey,
      random,
      clock: machineClock,
    });
  const replace = async (more: object = {}) => {
    const ask = { store: 'S01', terminal: 'T33', reason: 'lost', ...more };
    return (await shop.relayApi.send('POST', '/api/replacements', ask)).body;
  };
  const [first, second] = [await shop.joinCode('T33'), await shop.joinCode('T33')];
  // Used, and gone before anybody heard of it.
  expect(await enrol(first)).toMatchObject({ terminal: 'T33', letter: 'A' });
  await expect(enrol(second)).rejects.toMatchObject({ code: 'JOIN_CODE_VOID' });
  await expect(shop.joinCode('T33')).rejects.toThrow('in its place with "tillmesh replace"');
  const { code, terminalKey } = z
    .looseObject({ code: z.string(), terminalKey: z.string() })
    .parse(await replace());
  await expect(enrol(second)).rejects.toMatchObject({ code: 'JOIN_CODE_VOID' });
  // Asked again between the use of the code and the first word of who used it: no second code.
  expect(await enrol(code)).toMatchObject({ terminal: 'T33', letter: 'B' });
  expect(await replace({ terminalKey })).toMatchObject({ outcome: 'joined' });
  expect(await replace()).toMatchObject({ code: 'TERMINAL_AMBIGUOUS' });
});
