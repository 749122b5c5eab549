import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSetup, type RunningSetup } from './setup.ts';

const loopback = { host: '127.0.0.1', port: 0 };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

describe('the page of a machine that has not joined', () => {
  it.each(['mesh', 'lanScreens'] as const)(
    'spends no code while the port of %s is in use',
    async (which) => {
      const taken = createServer().listen(loopback);
      opened.push(taken);
      await new Promise((resolve) => void taken.once('listening', resolve));
      const { port } = taken.address() as AddressInfo;
      const data = mkdtempSync(join(tmpdir(), 'tillmesh-setup-'));
      opened.push({ close: () => rmSync(data, { recursive: true }) });
      const setup: RunningSetup = await startSetup({
        data,
        ui: loopback,
        mesh: loopback,
        lanScreens: loopback,
        [which]: { ...loopback, port },
        peers: [],
        discovery: false,
        allowHosts: [],
        logLevel: 'silent',
        version: 'test',
      });
      opened.push({ close: () => setup.stop() });
      const at = `http://127.0.0.1:${Number(setup.ready['ui'])}`;
      const answer = await fetch(`${at}/screen/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: at },
        // Nobody answers there: a code that was tried would be refused otherwise.
        body: JSON.stringify({ text: '7QZK-3M8V-A1XW-9T0R', at: '127.0.0.1:1' }),
      });
      expect(await answer.json()).toMatchObject({
        code: 'PORT_IN_USE',
        about: `127.0.0.1:${port}`,
      });
      expect(await (await fetch(`${at}/screen/setup`)).json()).toMatchObject({ isLooking: false });
    },
  );
});
