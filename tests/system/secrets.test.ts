/**
 * X12, X13: a shop in which people sign in and mistype, tills are enrolled and revoked, programs call with wrong tokens and somebody
 * types a card number; then everything that it left behind is searched for every secret that there was.
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operator, plannedSale } from './sales.ts';
import {
  commandLines,
  encodingsOf,
  filesBelow,
  modeOf,
  secretKey,
  SecretHunt,
  secretText,
} from './secret-hunt.ts';
import { Shop, store } from './shop.ts';
import type { TillProcess } from './till-process.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const card = '4556 7375 8689 9855';
/** As long as a PIN may be: shorter ones stand in any list of figures by chance. */
const pins = { ann: '830294617533', max: '571938460271', mistyped: '660217394855' } as const;

const hunt = new SecretHunt();
/** Everything that was answered, whatever was asked. */
const answers: string[] = [];
const outputs: string[] = [];
let shop: Shop;
let usedCode = '';

type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
async function ask(at: string, path: string, { method, headers, body }: Asked = {}) {
  const sent =
    typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(at + path, {
    method: method ?? (sent === undefined ? 'GET' : 'POST'),
    headers: {
      origin: at,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await answer.text();
  answers.push(`${answer.status} ${text}`);
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
  return {
    status: answer.status,
    code,
    cookie: answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '',
  };
}
const tillAt = (till: TillProcess): string => `http://127.0.0.1:${till.process.ready.ui ?? 0}`;

/** The session's token is a secret from then on. */
async function signIn(
  at: string,
  who: keyof typeof pins,
  pin: string = pins[who],
): Promise<string> {
  const { status, cookie } = await ask(at, '/screen/session', { body: { operator: who, pin } });
  if (status !== 200) return '';
  hunt.secrets.push(secretText(`session of ${who}`, cookie.split('=')[1] ?? ''));
  return cookie;
}

/** What an error answer could repeat. */
async function provoke(at: string, own: string): Promise<void> {
  const token = hunt.secrets.find(({ name }) => name.startsWith('token'))?.bytes.toString() ?? '';
  const bearer = { authorization: `Bearer ${own}` };
  await ask(at, `/api/status?token=${token}`, { headers: { authorization: `Bearer ${token}x` } });
  await ask(at, `/api/${token}`, { headers: bearer });
  await ask(at, '/api/commands', { headers: bearer, body: { kind: pins.mistyped, [pins.ann]: 1 } });
  await ask(at, '/api/commands', { headers: bearer, body: `{"pin":"${pins.ann}` });
  await ask(at, '/screen/session', { body: { operator: 'ann', pin: `${pins.ann}0` } });
  await ask(at, '/screen/session', { body: { operator: pins.mistyped, pin: pins.max } });
  await ask(at, '/screen/session', { body: { operator: 'ann', pin: pins.ann, more: pins.max } });
  await ask(at, '/api/join-codes', { headers: bearer, body: { code: usedCode } });
  await ask(at, '/api/operators/S01', {
    method: 'PUT',
    headers: bearer,
    body: { operators: [{ id: 'x', name: 'X', roles: ['king'], pin: pins.mistyped }] },
  });
}

function tillmesh(...args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { timeout: 60_000 }, (_error, out, err) => {
      outputs.push(out, err);
      resolve();
    });
  });
}

beforeAll(async () => {
  hunt.secrets.push(
    ...Object.entries(pins).map(([name, pin]) => secretText(`PIN ${name}`, pin)),
    ...[card, card.replaceAll(' ', ''), card.replaceAll(' ', '-')].map((text) =>
      secretText('card', text),
    ),
  );
  shop = await Shop.open(1);
  const people = [
    { ...operator, pin: pins.max },
    { id: 'ann', name: 'Ann', roles: ['cashier'], pin: pins.ann },
  ];
  await shop.relayApi.put(`/api/operators/${store}`, { operators: people }, z.unknown());
  usedCode = await shop.joinCode('T2');
  const unused = await shop.joinCode('T3');
  for (const [name, code] of [
    ['code', usedCode],
    ['unused code', unused],
  ] as const)
    hunt.secrets.push(secretText(name, code), secretText(name, code.replaceAll('-', '')));
  await shop.addTillWith('T2', `${usedCode}@127.0.0.1:${shop.syncPort}`);

  const read = (...path: string[]) => readFileSync(join(...path), 'utf8').trim();
  const { relayDirectory: relay } = shop;
  for (const data of [relay, ...shop.tills.map(({ options }) => options.data)]) {
    const { key } = z
      .object({ key: z.string() })
      .parse(JSON.parse(read(data, 'identity', 'current.json')));
    hunt.secrets.push(
      secretText(`token of ${data}`, read(data, 'api-token'), 'api-token'),
      secretKey(
        `terminal key of ${data}`,
        read(data, 'identity', 'terminal.key'),
        'identity/terminal.key',
      ),
      secretKey(`life’s key of ${data}`, key, 'identity/current.json'),
    );
  }
  const passphrase = /^ {4}(\S+)$/m.exec(
    readFileSync(join(relay, 'company-recovery.txt'), 'utf8'),
  )?.[1];
  hunt.secrets.push(
    secretKey('issuing key', read(relay, 'authority.pem'), 'authority.pem'),
    secretText('recovery passphrase', passphrase ?? '', 'company-recovery.txt'),
    secretText('password of the database', read(relay, 'postgres-password'), 'postgres-password'),
  );
});
afterAll(() => shop?.close());

it('X12: every secret is one, and the search finds it in every form: planted, it is found', () => {
  expect(hunt.secrets.length).toBeGreaterThan(18);
  for (const { name, bytes } of hunt.secrets)
    expect([name, bytes.length >= 12]).toEqual([name, true]);
  const planted = mkdtempSync(join(tmpdir(), 'tillmesh-planted-'));
  try {
    for (const secret of hunt.secrets) {
      for (const [how, form] of encodingsOf(secret)) {
        writeFileSync(
          join(planted, 'a.log'),
          Buffer.concat([Buffer.from('{"msg":"'), form, Buffer.from('"}')]),
        );
        const { found } = hunt.below(planted);
        expect([how, found.some((line) => line.includes(`: ${secret.name}, `))]).toEqual([
          how,
          true,
        ]);
      }
      const wrapped = Buffer.concat([Buffer.from('x'), secret.bytes])
        .toString('base64')
        .match(/.{1,20}/g);
      expect(hunt.in('a PEM', wrapped?.join('\n') ?? '')).not.toEqual([]);
    }
  } finally {
    rmSync(planted, { recursive: true });
  }
});

describe('after a day with people, programs and thieves', () => {
  beforeAll(async () => {
    const [one, two] = [shop.till('T1'), shop.till('T2')];
    for (const till of [one, two]) {
      await until(
        `PINs at ${till.name}`,
        async () => (await signIn(tillAt(till), 'ann')) || undefined,
      );
      await signIn(tillAt(till), 'ann', pins.mistyped);
    }
    const { relayApi } = shop;
    await signIn(relayApi.url, 'max', pins.mistyped);
    expect(await signIn(relayApi.url, 'max')).not.toBe('');
    await one.execute(plannedSale('a-sale-of-the-day', [[1, 2]]).command);

    // X13: the number of a card, wherever words can be typed.
    const cookie = await signIn(tillAt(one), 'max');
    const as = { cookie };
    const screen = (path: string, body: object) => ask(tillAt(one), path, { headers: as, body });
    await screen('/screen/cart', { kind: 'add', line: 'l1', sku: 'P1', quantityMilli: 1_000 });
    const words = {
      command: 'somebody-types-a-card',
      lines: [{ sku: 'P1', quantityMilli: 1_000 }],
    };
    for (const refused of [
      await screen('/screen/cart', {
        kind: 'price',
        line: 'l1',
        unitPriceE4: 1,
        override: `paid by ${card}`,
      }),
      await screen('/screen/commands', {
        ...words,
        kind: 'AdjustStock',
        reason: card.replaceAll(' ', '-'),
      }),
      await screen('/screen/commands', {
        ...words,
        kind: 'CompleteReturn',
        tenders: [],
        reason: `${card} 12/27`,
      }),
      await ask(tillAt(one), '/api/commands', {
        headers: {
          authorization: `Bearer ${readFileSync(join(one.options.data, 'api-token'), 'utf8').trim()}`,
        },
        body: {
          ...words,
          kind: 'CompleteSale',
          by: 'max',
          customer: card.replaceAll(' ', ''),
          tenders: [{ kind: 'cash', givenMinor: 1_000 }],
        },
      }),
    ])
      expect([refused.status, refused.code]).toEqual([409, 'CARD_NUMBER']);

    for (const at of [tillAt(one), relayApi.url]) {
      const data = at === relayApi.url ? shop.relayDirectory : one.options.data;
      await provoke(at, readFileSync(join(data, 'api-token'), 'utf8').trim());
      for (const path of [
        '/api/status',
        '/metrics',
        '/api/health',
        '/screen/operators',
        '/screen/session',
      ])
        await ask(at, path, {
          headers: {
            authorization: `Bearer ${readFileSync(join(data, 'api-token'), 'utf8').trim()}`,
          },
        });
    }
    await tillmesh(
      'revoke',
      two.name,
      '--reason',
      'stolen',
      '--data',
      shop.relayDirectory,
      '--api',
      new URL(relayApi.url).host,
    );
    await until('the revocation', async () => ((await two.status()).revoked ? true : undefined));
    await tillmesh('doctor', '--data', shop.relayDirectory);
  });

  it('X12: no answer, metric, output or command line says any of them', () => {
    expect(answers.length).toBeGreaterThan(30);
    expect(answers.flatMap((answer) => hunt.in(answer.slice(0, 60), answer))).toEqual([]);
    expect(outputs.join('')).toContain('revoked');
    expect(hunt.in('the command line', outputs.join(''))).toEqual([]);
    if (!existsSync('/proc/self/cmdline')) return;
    const lines = commandLines();
    expect(lines.filter((line) => line.includes(shop.directory)).length).toBeGreaterThan(2);
    // A code is typed on a command line, and is worth nothing once that line has run.
    const typed = lines.map((line) => line.replaceAll(`--join ${usedCode}@`, ''));
    expect(typed.flatMap((line) => hunt.in(line.slice(0, 60), line))).toEqual([]);
  });

  it('X12: no file holds any of them, but each key the file that is its own, which is its owner’s alone', async () => {
    // What is buffered is on disk before it is searched.
    for (const till of shop.tills) await till.stop();
    await shop.stopRelay();
    const { tills } = shop;
    for (const { options } of tills) {
      const { files, found } = hunt.below(options.data);
      expect([options.data, found, files > 20]).toEqual([options.data, [], true]);
      expect([options.data, modeOf(options.data)]).toEqual([options.data, 0o700]);
    }
    const { files, found } = hunt.below(shop.relayDirectory, ['postgres/']);
    expect([found, files > 20]).toEqual([[], true]);
    expect(modeOf(shop.relayDirectory)).toBe(0o700);
    // The database keeps hashes of PINs, and of codes what a proof is checked with.
    const inDatabase = new SecretHunt(1);
    inDatabase.secrets.push(
      ...hunt.secrets.filter(({ name }) => /^(?:PIN|card|code|unused code|session)/.test(name)),
    );
    expect(inDatabase.below(join(shop.relayDirectory, 'postgres')).found).toEqual([]);
    const holders = new Set(hunt.secrets.flatMap(({ kept }) => kept));
    for (const data of [shop.relayDirectory, ...tills.map(({ options }) => options.data)])
      for (const path of filesBelow(data))
        if (holders.has(path.slice(data.length + 1)) || path.endsWith('.log'))
          expect([path, modeOf(path)]).toEqual([path, 0o600]);
  });

  it('X12: a directory that came open to others from elsewhere is closed at the start, and the log says so', async () => {
    const till = shop.till('T1');
    const { data } = till.options;
    const opened = [join(data, 'api-token'), join(data, 'identity', 'terminal.key')];
    for (const path of opened) chmodSync(path, 0o644);
    chmodSync(data, 0o755);
    await till.start();
    await till.stop();
    expect([data, ...opened].map(modeOf)).toEqual([0o700, 0o600, 0o600]);
    const log = readFileSync(join(data, 'logs', 'register.log'), 'utf8');
    for (const where of ['.', 'api-token', 'identity/terminal.key'])
      expect(log).toContain(`"code":"MODE_OPEN","where":"${where}"`);
    // Only what was changed is distrusted: nobody has to wait for an open door.
    expect(log).not.toContain('the counts of wrong PINs');
  });
});
