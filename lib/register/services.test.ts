import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { MeshLog } from './mesh-log.ts';
import { RegisterMetrics } from './metrics.ts';
import {
  carryOver,
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
} from './sample-register.ts';
import { registerServices } from './services.ts';
import { SelfTest } from './self-test.ts';
import { SignInDesk } from '../host/sign-in.ts';

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
  const clock = sampleClock();
  const services = registerServices(one, {
    version: '0',
    metrics: new RegisterMetrics(),
    clock,
    signIn: new SignInDesk({
      people: one.org,
      disk: nodeDisk,
      path: `${root}/wrong-pins.json`,
      clock,
      onProblem: (error) => {
        throw error;
      },
      onFatal: (error) => {
        throw error;
      },
    }),
    meshLog: new MeshLog(clock),
    selfTest: new SelfTest(clock, []),
    onProblem: (error) => {
      throw error;
    },
  });
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
