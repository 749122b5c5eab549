import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { RegisterMetrics } from './metrics.ts';
import {
  carryOver,
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
} from './sample-register.ts';
import { registerServices } from './services.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-services-test-'));
afterAll(() => fs.rmSync(root, { recursive: true }));

test('a cut of somebody who is not known is refused with the names of those who are', async () => {
  const company = await SampleCompany.create('services');
  const office = await sampleHeadOffice(company);
  const open = async (name: string) => {
    const directory = `${root}/${name}`;
    const options = { directory, company, terminal: await company.terminal('S01', name) };
    prepareDirectory(office, options);
    return openRegister(options);
  };
  const [one, two] = [await open('T1'), await open('T2')];
  carryOver(two, one);
  const services = registerServices(one, '0', new RegisterMetrics(), sampleClock());
  const refusal = new TillmeshError('PEER_UNKNOWN', 'S01-T9; known: HQ-HQ1, S01-T2');
  // Also oneself, and a terminal without its store.
  expect(() => services.cut('S01-T9')).toThrow(refusal);
  for (const name of ['S01-T1', 'T2', two.living.principal.slice(0, -1)])
    expect(() => services.cut(name)).toThrow(/No such peer/);
  services.cut('S01-T2');
  services.cut(two.living.principal);
  expect(services.status().peers).toContainEqual({
    principal: two.living.principal,
    linked: false,
  });
  await one.stop();
  await two.stop();
});
