import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ApiClient } from './api-client.ts';

const directory = mkdtempSync(join(tmpdir(), 'tillmesh-api-client-'));
const server = createServer((_, response) => {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code: 'TOKEN_WRONG', message: 'The token is wrong.' } }));
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

test('a process that runs on another directory is said to be one, with the options that lead to the right one', async () => {
  writeFileSync(join(directory, 'api-token'), 'of this directory\n');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = ApiClient.forDirectory(`http://127.0.0.1:${port}`, directory);
  await expect(client.post('/api/join-codes', {}, z.unknown())).rejects.toMatchObject({
    code: 'OTHER_DIRECTORY',
    message: expect.stringContaining('--ui') as string,
    detail: `http://127.0.0.1:${port}`,
  });
});
