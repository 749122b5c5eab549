/** The steps on a real directory, a real port and real certificates. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../tests/simulation/real-clock.ts';
import type { Check } from '../host/checks/check.ts';
import { TlsTransport } from '../mesh/tls-transport.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import type { Register } from './register.ts';
import { openRegister, prepareDirectory, sampleHeadOffice, sell } from './sample-register.ts';
import { selfTestSteps, type SelfTestParts } from './self-test-steps.ts';

let root: string;
let register: Register;
let parts: SelfTestParts;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-self-test-'));
  const company = await SampleCompany.create('self-test');
  const office = await sampleHeadOffice(company);
  const directory = `${root}/T1`;
  const options = {
    directory,
    company,
    terminal: await company.terminal('S01', 'T1'),
    clock: realClock,
    wire: {
      transport: (living, verifyPeer) =>
        new TlsTransport({
          clock: realClock,
          credentials: () => living.credentials,
          host: '127.0.0.1',
          port: 0,
          verifyPeer,
        }),
      targets: () => [],
    },
  } satisfies Parameters<typeof openRegister>[0];
  prepareDirectory(office, options);
  register = await openRegister(options);
  const { port } = await register.replica.mesh.whenListening();
  parts = {
    register,
    identity: new IdentityStore(nodeDisk, path.join(directory, 'identity')),
    disk: nodeDisk,
    clock: realClock,
    directory,
    witnessDirectory: `${directory}-witness`,
    mesh: () => ({ host: '127.0.0.1', port }),
    relays: [],
    addresses: () => ['10.0.0.7'],
  };
});
afterAll(async () => {
  await register.stop();
  fs.rmSync(root, { recursive: true, force: true });
});

async function run(more: Partial<SelfTestParts> = {}): Promise<Record<string, readonly Check[]>> {
  const found: Record<string, readonly Check[]> = {};
  for (const step of selfTestSteps({ ...parts, ...more }))
    found[step.check] = await step.run(AbortSignal.timeout(10_000));
  return found;
}

test('a till that is well says so line by line', async () => {
  sell(register, 'self-test-1', [{ sku: 'TEA', quantityMilli: 1_000 }]);
  const found = await run();
  const { seq } = register.replica.own.tip;
  expect(found).toMatchObject({
    address: [{ state: 'warn', found: 'loopbackOnly' }],
    'own-port': [{ state: 'ok', found: 'answers' }],
    'own-tls': [{ state: 'ok', found: 'ownHandshake', protocol: 'TLSv1.3' }],
    certificate: [{ state: 'ok', found: 'identity', principal: register.living.principal }],
    'relay-port': [{ state: 'warn', found: 'noRelay' }],
    clock: [{ state: 'ok', found: 'nobodyToCompare' }],
    'disk-space': [{ found: 'space' }],
    witness: [{ state: 'ok', found: 'witness', seq }],
    figures: [{ state: 'ok', found: 'figures' }],
  });
  // A sample shop has head office on the same machine: that nobody else reaches the till is as it should be.
  const address = selfTestSteps({ ...parts, relays: [{ host: '127.0.0.1', port: 1 }] })[0];
  const alone = await address?.run(AbortSignal.timeout(10_000));
  expect(alone).toMatchObject([{ state: 'ok', found: 'oneMachine' }]);
  const far = selfTestSteps({ ...parts, relays: [{ host: '10.0.0.9', port: 1 }] })[0];
  const apart = await far?.run(AbortSignal.timeout(10_000));
  expect(apart).toMatchObject([{ state: 'warn', found: 'loopbackOnly' }]);
  // Shaking hands with itself is no link and no event.
  expect(register.replica.mesh.peers).toEqual([]);
});

test('what is broken is named', async () => {
  const gone = { host: '127.0.0.1', port: 1 };
  const far = realClock.wallMs() + 400 * 365 * 86_400_000;
  const found = await run({
    mesh: () => ({ host: '0.0.0.0', port: 1 }),
    addresses: () => ['127.0.0.1'],
    relays: [gone, { host: 'no-such-host.invalid', port: 1 }],
    clock: { ...realClock, wallMs: () => far },
    witnessDirectory: `${root}/elsewhere`,
    disk: { ...nodeDisk, freeBytes: () => 1_000 },
  });
  expect(found).toMatchObject({
    address: [{ state: 'ok', addresses: ['127.0.0.1'] }],
    'own-port': [{ state: 'fail', found: 'silent', at: '127.0.0.1:1', code: 'ECONNREFUSED' }],
    'own-tls': [{ state: 'fail', found: 'noTls' }],
    certificate: [{ state: 'warn', found: 'identityOver' }],
    'disk-space': [{ state: 'fail' }],
    witness: [{ state: 'warn', found: 'witnessBehind' }],
  });
  expect(found['relay-port']).toMatchObject([
    { check: 'relay-port', state: 'fail', at: '127.0.0.1:1' },
    { check: 'relay-name', state: 'fail', host: 'no-such-host.invalid' },
  ]);
  const damaged = new IdentityStore(nodeDisk, `${root}/T1/identity`);
  damaged.living = () => ({ ...register.living, chain: register.living.chain.slice(1) });
  expect((await run({ identity: damaged })).certificate).toMatchObject([
    { state: 'fail', found: 'identityBroken', code: 'CERTIFICATE_MALFORMED' },
  ]);
});
