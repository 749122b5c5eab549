import { afterEach, describe, expect, test } from 'vitest';
import { limits } from '../domain/limits.ts';
import type { CartView } from './till-services.ts';
import { startScreens, type Answered, type SampleScreens } from './sample-screens.ts';

const open: SampleScreens[] = [];
afterEach(() => Promise.all(open.splice(0).map((screens) => screens.close())));
async function start(): Promise<SampleScreens> {
  const screens = await startScreens();
  open.push(screens);
  return screens;
}

const post = (screens: SampleScreens, path: string, body: unknown, cookie?: string) =>
  screens.askAsPage({
    method: 'POST',
    path: `/screen/${path}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    cookie,
  });
const get = (screens: SampleScreens, path: string, cookie?: string) =>
  screens.askAsPage({ method: 'GET', path: `/screen/${path}`, cookie });
const cookieOf = (answer: Answered): string => [answer.headers['set-cookie']].flat()[0] ?? '';

describe('signing in', () => {
  test('names are shown to everybody; the right PIN opens a session whose cookie no script can read', async () => {
    const screens = await start();
    expect((await get(screens, 'operators')).json()).toMatchObject({
      operators: [{ id: 'ann', roles: ['cashier'] }, { id: 'sue' }, { id: 'max' }],
    });
    expect((await get(screens, 'session')).json()).toEqual({ state: 'none' });
    const answer = await post(screens, 'session', { operator: 'ann', pin: '1111' });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      state: 'open',
      operator: { id: 'ann', name: 'Amina Testerley', roles: ['cashier'] },
      allowed: expect.objectContaining({ sell: true, overridePrice: false }),
      openForMs: limits.sessionIdleMs,
    });
    expect(cookieOf(answer)).toMatch(
      new RegExp(`^tillmesh-${screens.port}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
    const cookie = cookieOf(answer).split(';', 1)[0] ?? '';
    expect((await get(screens, 'session', cookie)).json()).toMatchObject({ state: 'open' });
  });

  test('a wrong PIN is refused with code, sentence and the time to wait, and opens nothing', async () => {
    const screens = await start();
    const wrong = await post(screens, 'session', { operator: 'ann', pin: '0000' });
    expect([wrong.status, wrong.json()]).toEqual([
      401,
      { outcome: 'refused', code: 'PIN_WRONG', message: expect.any(String) },
    ]);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    for (let n = 0; n < 8; n++) await post(screens, 'session', { operator: 'ann', pin: '0000' });
    const locked = await post(screens, 'session', { operator: 'ann', pin: '0000' });
    expect([locked.status, locked.json()]).toMatchObject([
      401,
      { code: 'PIN_LOCKED', retryAfterMs: 1_800_000 },
    ]);
    const sue = await screens.signIn('sue');
    expect((await post(screens, 'unlock', { operator: 'ann' }, sue)).json()).toEqual({
      outcome: 'done',
    });
    const nobody = await post(screens, 'unlock', { operator: 'sue' }, sue);
    expect([nobody.status, nobody.json()]).toMatchObject([409, { code: 'OPERATOR_UNKNOWN' }]);
    expect(await screens.signIn('ann')).toContain('tillmesh-');
  });

  test('each sign-in has a token of its own, and the one before is worth nothing', async () => {
    const screens = await start();
    const ann = await screens.signIn('ann');
    const next = await post(screens, 'session', { operator: 'sue', pin: '2222' }, ann);
    expect((await get(screens, 'cart', ann)).status).toBe(401);
    const cookie = cookieOf(next).split(';', 1)[0] ?? '';
    expect(cookie).not.toBe(ann);
    expect((await get(screens, 'session', cookie)).json()).toMatchObject({
      operator: { id: 'sue' },
    });
    // A wrong PIN leaves the one who is signed in alone.
    await post(screens, 'session', { operator: 'max', pin: '0000' }, cookie);
    expect((await get(screens, 'session', cookie)).json()).toMatchObject({
      operator: { id: 'sue' },
    });
  });

  test('locked by hand or by time: the name stays on the screen, everything else waits for the PIN', async () => {
    const screens = await start();
    const lockedByHand = await screens.signIn('ann');
    expect((await post(screens, 'lock', {}, lockedByHand)).json()).toMatchObject({
      state: 'locked',
      operator: { id: 'ann' },
    });
    const left = await screens.signIn('ann');
    screens.clock.pass(limits.sessionIdleMs);
    for (const cookie of [lockedByHand, left]) {
      expect((await get(screens, 'session', cookie)).json()).toMatchObject({ state: 'locked' });
      expect((await get(screens, 'cart', cookie)).status).toBe(401);
      expect((await post(screens, 'awake', {}, cookie)).status).toBe(401);
    }
    const again = await post(screens, 'session', { operator: 'ann', pin: '1111' }, left);
    expect(again.json()).toMatchObject({ state: 'open' });
  });

  test('what a page reads by itself keeps no till open; what somebody does, does', async () => {
    const screens = await start();
    const [reading, used] = [await screens.signIn('ann'), await screens.signIn('ann')];
    for (let n = 0; n < 2; n++) {
      screens.clock.pass(limits.sessionIdleMs - 1);
      await get(screens, 'mesh', reading);
      expect((await post(screens, 'awake', {}, used)).json()).toMatchObject({
        state: 'open',
        openForMs: limits.sessionIdleMs,
      });
    }
    expect((await get(screens, 'cart', reading)).status).toBe(401);
    expect((await get(screens, 'cart', used)).status).toBe(200);
  });

  test('signing out takes the cookie back; it is not to be used again', async () => {
    const screens = await start();
    const cookie = await screens.signIn('ann');
    const out = await screens.askAsPage({ method: 'DELETE', path: '/screen/session', cookie });
    expect([out.status, out.json()]).toEqual([200, { state: 'none' }]);
    expect(cookieOf(out)).toMatch(/^tillmesh-\d+=; .*Max-Age=0/);
    expect((await get(screens, 'cart', cookie)).status).toBe(401);
  });

  test('a page that was drawn for somebody else acts in nobody’s name', async () => {
    const screens = await start();
    const cookie = await screens.signIn('sue');
    const asked = { method: 'POST', path: '/screen/awake', body: '{}', cookie } as const;
    const statusAs = async (operator: string) =>
      (await screens.askAsPage({ ...asked, headers: { 'x-tillmesh-operator': operator } })).status;
    expect(await statusAs('ann')).toBe(401);
    expect(await statusAs('sue')).toBe(200);
    // It grants nothing either.
    const nobody = { ...asked, cookie: undefined, headers: { 'x-tillmesh-operator': 'sue' } };
    expect((await screens.askAsPage(nobody)).status).toBe(401);
    expect((await screens.askAsPage(asked)).status).toBe(200);
  });

  test('two tills on one address know each other’s cookies apart', async () => {
    const [one, two] = [await start(), await start()];
    const both = `${await one.signIn('ann')}; ${await two.signIn('sue')}`;
    expect((await get(one, 'session', both)).json()).toMatchObject({ operator: { id: 'ann' } });
    expect((await get(two, 'session', both)).json()).toMatchObject({ operator: { id: 'sue' } });
  });

  test('X12: neither PIN nor token is in any log or other answer', async () => {
    const screens = await start();
    await post(screens, 'session', { operator: 'ann', pin: '90210' });
    await post(screens, 'session', { operator: 'ann', pin: ['90210'] });
    await post(screens, 'session', { operator: '90210 ', pin: '90210', '90210': 1 });
    const cookie = await screens.signIn('ann');
    const token = cookie.split('=')[1] ?? '-';
    const answers = [
      await get(screens, 'session', cookie),
      await post(screens, 'unlock', { operator: 'sue' }, cookie),
      await post(screens, 'session', '{"pin":"90210"', cookie),
    ];
    const seen = [...screens.log, ...answers.map((each) => each.text)].join('\n');
    expect(seen).toContain('not permitted');
    expect(seen).not.toContain('90210');
    expect(seen).not.toContain(token);
  });
});

describe('what a screen may send', () => {
  test('who acts is the session’s operator; a body that names another is refused', async () => {
    const screens = await start();
    const cookie = await screens.signIn('ann');
    const line = { kind: 'add', line: 'l1', sku: '85123A', quantityMilli: 1_000 };
    const close = { kind: 'CloseDay', command: 'close-the-day-1' };
    screens.calls.length = 0;
    for (const [path, body] of [
      ['cart', { ...line, by: 'max' }],
      ['pay', { cart: 'cart-1', totalMinor: 0, tenders: [], by: 'max' }],
      ['commands', { ...close, by: 'max' }],
      ['commands', { kind: 'CompleteSale', command: 'sale-00001', lines: [], tenders: [] }],
      // Done by the command of an open cart, anything else would keep it from ever being paid.
      ['commands', { ...close, command: 'pay-T1-0123456789abcdef0123' }],
      [
        'prints',
        {
          of: { journal: 'S01/T1/00000000000000a1', seq: 1 },
          command: 'pay-T1-0123456789abcdef0123',
        },
      ],
    ] as const) {
      const answer = await post(screens, path, body, cookie);
      expect([answer.status, answer.json()]).toMatchObject([
        400,
        { error: { code: 'INPUT_INVALID', problems: [expect.any(String)] } },
      ]);
    }
    expect(screens.calls).toEqual([]);
    await post(screens, 'cart', line, cookie);
    await post(screens, 'commands', close, cookie);
    await get(screens, 'cart', cookie);
    expect(screens.calls).toEqual([
      { name: 'changeCart', arguments: ['ann', line] },
      { name: 'execute', arguments: [{ ...close, by: 'ann' }] },
      { name: 'cart', arguments: ['ann'] },
    ]);
  });

  test('D11: a PIN typed for one change counts as at signing in, and opens no session', async () => {
    const screens = await start();
    const cookie = await screens.signIn('ann');
    const { tiles } = (await get(screens, 'tiles?limit=1', cookie)).json() as {
      tiles: { sku: string }[];
    };
    const add = { kind: 'add', line: 'l1', sku: tiles[0]?.sku, quantityMilli: 1_000 };
    await post(screens, 'cart', add, cookie);
    const change = { kind: 'discount', line: 'l1', discountMinor: 5 };
    const approve = (operator: string, pin: string) =>
      post(screens, 'approvals', { operator, pin, change }, cookie);
    // Not even one who may gets it done with another's PIN, and a cashier's own allows nothing more.
    for (let n = 0; n < 10; n++) expect((await approve('max', '2222')).status).toBe(401);
    expect((await approve('max', '0000')).json()).toMatchObject({ code: 'PIN_LOCKED' });
    expect((await get(screens, 'operators')).json()).toMatchObject({
      waits: [{ operator: 'max', code: 'PIN_LOCKED' }],
    });
    const own = await approve('ann', '1111');
    expect([own.status, own.json()]).toMatchObject([409, { code: 'DISCOUNT_NOT_PERMITTED' }]);
    const allowed = await approve('sue', '2222');
    expect(allowed.headers['set-cookie']).toBeUndefined();
    expect(allowed.json()).toMatchObject({
      outcome: 'done',
      cart: { lines: [{ approvedBy: 'Omar Samplewood' }] },
    });
    expect((await get(screens, 'session', cookie)).json()).toMatchObject({
      state: 'open',
      operator: { id: 'ann' },
    });
  });

  test('a sale from the first scan to its receipt; pressed twice it is one', async () => {
    const screens = await start();
    const cookie = await screens.signIn('ann');
    const { tiles } = (await get(screens, 'tiles?limit=1', cookie)).json() as {
      tiles: { sku: string }[];
    };
    const sku = tiles[0]?.sku;
    const added = await post(
      screens,
      'cart',
      { kind: 'add', line: 'l1', sku, quantityMilli: 2_000 },
      cookie,
    );
    expect(added.json()).toMatchObject({ outcome: 'done', cart: { lines: [{ id: 'l1' }] } });
    const shown = (await get(screens, 'cart', cookie)).json() as CartView;
    const { cart, totalMinor } = shown;
    const pay = { cart, totalMinor, tenders: [{ kind: 'cash', givenMinor: totalMinor + 10_000 }] };
    const stale = await post(screens, 'pay', { ...pay, totalMinor: totalMinor + 1 }, cookie);
    expect([stale.status, stale.json()]).toMatchObject([409, { code: 'CART_CHANGED' }]);
    const short = await post(screens, 'pay', { ...pay, tenders: [] }, cookie);
    expect([short.status, short.json()]).toMatchObject([409, { code: 'TENDERS_SHORT' }]);
    const paid = (await post(screens, 'pay', pay, cookie)).json() as { number: string };
    expect(paid).toMatchObject({ outcome: 'done', number: expect.any(String) });
    const again = (await post(screens, 'pay', pay, cookie)).json();
    expect(again).toMatchObject({ outcome: 'repeated', number: paid.number });
    const receipt = await get(screens, `receipts/${paid.number}`, cookie);
    expect(receipt.json()).toMatchObject({ number: paid.number, operator: expect.any(String) });
    expect((await get(screens, 'documents', cookie)).json()).toMatchObject({
      documents: [{ number: paid.number }],
    });
  });

  test.each<[string, unknown]>([
    ['session', { operator: 'ann' }],
    ['session', { operator: 'ann', pin: 1111 }],
    ['session', { operator: 'ann', pin: '111' }],
    ['session', { operator: 'ann', pin: '1'.repeat(13) }],
    ['session', { operator: 'ann', pin: '1111', remember: true }],
    ['session', { operator: '../ann', pin: '1111' }],
    ['session', '{"operator":"ann","pin":"1111","__proto__":{"roles":["manager"]}}'],
    ['session', '{"operator":"__proto__","pin":"1111"}'],
    ['session', '[]'],
    ['session', 'null'],
    ['session', ''],
    ['session', '{'],
    ['lock', { now: true }],
    ['cart', { kind: 'clear', line: 'l1' }],
    ['cart', { kind: 'nothing' }],
    ['cart', { kind: 'add', line: 'l1', sku: 'A', quantityMilli: 0 }],
    ['cart', { kind: 'add', line: 'l1', sku: 'A', quantityMilli: 1.5 }],
    ['cart', { kind: 'add', line: 'l1', sku: 'A', quantityMilli: 1e15 }],
    ['cart', { kind: 'add', line: 'l1', sku: 'A'.repeat(99), quantityMilli: 1 }],
    ['cart', { kind: 'add', line: '', sku: 'A', quantityMilli: 1 }],
    ['cart', { kind: 'scan', line: 'l1', code: 'x'.repeat(201), quantityMilli: 1 }],
    ['cart', { kind: 'scan', line: 'l1', code: 'a\u0000', quantityMilli: 1 }],
    ['cart', { kind: 'price', line: 'l1', unitPriceE4: -1, override: 'gift' }],
    ['cart', { kind: 'price', line: 'l1', unitPriceE4: 1 }],
    ['cart', { kind: 'discount', line: 'l1', discountMinor: -5 }],
    ['cart', { kind: 'remove', line: 'constructor' }],
    ['pay', { cart: 'cart-1', totalMinor: 1 }],
    ['pay', { cart: 'cart-1', tenders: [] }],
    ['pay', { cart: 'cart-1', totalMinor: -1, tenders: [] }],
    ['pay', { cart: 'cart-1', totalMinor: 1, tenders: [{ kind: 'cash' }] }],
    [
      'pay',
      { cart: 'cart-1', totalMinor: 1, tenders: [{ kind: 'cash', amountMinor: 1, givenMinor: 1 }] },
    ],
    [
      'pay',
      {
        cart: 'cart-1',
        totalMinor: 1,
        tenders: Array.from({ length: 33 }, () => ({ kind: 'cash', amountMinor: 1 })),
      },
    ],
    ['approvals', { operator: 'sue', pin: '2222' }],
    ['approvals', { operator: 'sue', pin: '22', change: { kind: 'clear' } }],
    ['approvals', { pin: '2222', change: { kind: 'clear' } }],
    ['approvals', { operator: 'sue', pin: '2222', change: { kind: 'clear', by: 'sue' } }],
    ['commands', { kind: 'CompleteReturn', command: 'x' }],
    ['commands', { kind: 'CloseDay' }],
    ['commands', '{"kind":"CloseDay","command":"close-the-day-1","constructor":{"prototype":{}}}'],
    ['mesh/cut', { peer: '../x' }],
    ['mesh/burn', { peer: 'S01-T2' }],
    ['mesh/cut?force=1', { peer: 'S01-T2' }],
    ['unlock', { operator: 'ann', by: 'max' }],
  ])('X14: %s %j is refused with the place', async (path, body) => {
    const screens = await start();
    const cookie = await screens.signIn('max');
    screens.calls.length = 0;
    const answer = await post(screens, path, body, cookie);
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { error: { code: 'INPUT_INVALID', message: expect.any(String) } },
    ]);
    // What a command says is judged by the domain.
    expect(screens.calls.filter(({ name }) => name !== 'execute')).toEqual([]);
  });

  test.each([
    'tiles?limit=0',
    'tiles?limit=501',
    'tiles?limit=1e2',
    'tiles?limit=5&limit=6',
    'tiles?department=../x',
    'tiles?query=%00',
    `tiles?query=${'x'.repeat(201)}`,
    'tiles?__proto__=1',
    'tiles?by=max',
    'operators?x=1',
    'stock/%00',
    `stock/${'A'.repeat(41)}`,
    'stock/A?after=',
    'receipts/1',
    'receipts/S01-T1A-S-1?x=1',
    'receipts/S01-T1A-S-1?hash=x',
    'documents?after=1',
  ])('X8: GET %s is refused', async (path) => {
    const screens = await start();
    const cookie = await screens.signIn('max');
    screens.calls.length = 0;
    expect((await get(screens, path, cookie)).json()).toMatchObject({
      error: { code: 'INPUT_INVALID' },
    });
    expect(screens.calls).toEqual([]);
  });

  test('X10: a body beyond the limit is refused, and unread where nobody is signed in', async () => {
    const screens = await start();
    const cookie = await screens.signIn('max');
    const large = JSON.stringify({ kind: 'clear', x: 'x'.repeat(limits.screenBodyBytes) });
    expect((await post(screens, 'cart', large, cookie)).status).toBe(413);
    expect((await post(screens, 'cart', large)).status).toBe(401);
    expect((await post(screens, 'session', large)).status).toBe(413);
  });

  test('what is not there is not found, whoever asks, and no page answers for it', async () => {
    const screens = await start();
    const cookie = await screens.signIn('max');
    for (const path of ['nothing', 'cart/x', '', 'receipts/S01-T1A-S-99', 'stock/NOPE']) {
      const answer = await get(screens, path, cookie);
      expect([path, answer.status, answer.json()]).toMatchObject([
        path,
        404,
        { error: { code: 'NOT_FOUND' } },
      ]);
    }
    const asText = await screens.askAsPage({ method: 'GET', path: '/%73creen/cart' });
    expect(asText.status).toBe(401);
  });
});
