/** With real processes: a till's pages over https for a client that trusts the company's web root and nothing else. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { pemOf } from '#lib/trust/pem.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { openShop } from './one-shop.ts';
import { operator } from './sales.ts';
import type { TillProcess } from './till-process.ts';
import { until } from './until.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };
type Asked = { method?: string; headers?: Record<string, string>; body?: string; ca?: string };

/** `ca`: over https, and trusting that alone. */
function ask(port: number, path: string, { ca, body, ...asked }: Asked = {}): Promise<Answer> {
  const options = { host: '127.0.0.1', port, path, agent: false as const, ...asked };
  return new Promise((resolve, reject) => {
    const asking = ca === undefined ? plainRequest(options) : request({ ...options, ca });
    asking.on('error', reject);
    asking.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    asking.end(body);
  });
}

const lanPort = (till: TillProcess): number => till.process.ready.lan ?? 0;
const rootOf = async (till: TillProcess): Promise<Buffer> =>
  until('the certificate', async () => {
    const { status, body } = await ask(lanPort(till), '/tillmesh-root.crt');
    return status === 200 ? body : undefined;
  });

test('a till that was enrolled before gets its certificate when the screens are opened to the LAN, and keeps it', async () => {
  const shop = await openShop(1);
  const till = shop.till('T1');
  expect(till.process.ready.lan).toBeUndefined();
  till.extra = ['--lan-screens', '127.0.0.1:0'];
  await till.restart();
  const root = await rootOf(till);
  const ca = pemOf(root);

  // What a person compares: the page on trust with the till's own screen.
  const fingerprint = createHash('sha256').update(root).digest('hex').toUpperCase();
  const groups = (fingerprint.match(/.{4}/g) ?? []).join(' ');
  expect((await ask(lanPort(till), '/')).body.toString()).toContain(groups);

  const origin = `https://127.0.0.1:${lanPort(till)}`;
  const signedIn = await ask(lanPort(till), '/screen/session', {
    ca,
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ operator: operator.id, pin: operator.pin }),
  });
  expect(signedIn.status).toBe(200);
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^__Host-tillmesh-\d+=lan-.*; Secure; HttpOnly; SameSite=Strict$/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  const shown = await ask(lanPort(till), '/screen/lan', { ca, headers });
  expect(JSON.parse(shown.body.toString())).toMatchObject({
    lan: { state: 'ready', fingerprint: groups },
  });
  const token = await ApiClient.forDirectory(till.api.url, till.options.data).get(
    '/api/status',
    z.object({ terminal: z.string() }),
  );
  expect(token.terminal).toBe('T1');
  expect((await ask(lanPort(till), '/api/status', { ca, headers })).status).toBe(404);
  await expect(ask(lanPort(till), '/screen/session', { ca: '' })).rejects.toThrow();

  // Its keys are its owner's alone, and head office keeps no key of a till.
  for (const path of [
    join(till.options.data, 'lan-screens.pem'),
    join(shop.relayDirectory, 'web-root.pem'),
  ])
    expect(statSync(path).mode & 0o777).toBe(0o600);

  // With head office away it goes on, after a start, too; a till that has none yet says so and sells.
  await shop.stopRelay();
  await till.restart();
  expect((await ask(lanPort(till), '/api/health', { ca })).status).toBe(200);
  expect(existsSync(join(till.options.data, 'lan-screens.pem'))).toBe(true);
});
