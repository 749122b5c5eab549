import { beforeAll, describe, expect, it } from 'vitest';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import {
  SampleCompany,
  sampleNowMs,
  seededBytes,
  type SampleTerminal,
} from '../trust/sample-company.ts';
import type { SeriesLetter } from '../domain/ids.ts';
import type { MachineIdentity } from '../storage/binding.ts';
import { begunBecause, bindingOf, openIncarnation } from './incarnation.ts';

let company: SampleCompany;
let terminal: SampleTerminal;
beforeAll(async () => {
  company = await SampleCompany.create('incarnation');
  terminal = await company.terminal('S01', 'T1');
});

function enrolledDisk(joinedAt?: MachineIdentity) {
  const disk = new FaultyDisk(seededRandom(1));
  const identity = new IdentityStore(disk, '/data/identity');
  identity.saveEnrolled(
    {
      company: 'acme',
      store: terminal.store,
      terminal: terminal.terminal,
      letter: 'C' as SeriesLetter,
      caDer: company.caDer,
      terminalDer: terminal.certificateDer,
      issuers: terminal.issuers,
      relays: [],
    },
    terminal.key,
    joinedAt && bindingOf(joinedAt),
  );
  return { disk, identity };
}
const here = { machineId: 'one', directoryInode: '17' };
const parts = (identity: IdentityStore, machine: object, seed = 'a') => ({
  identity,
  machine,
  random: seededBytes(seed),
  wallMs: () => sampleNowMs,
});

describe('incarnation of a register', () => {
  it('P3: the first life has the letter that HQ gave', async () => {
    const { identity } = enrolledDisk();
    const first = await openIncarnation(parts(identity, here));
    expect(first.letter).toBe('C');
    expect(begunBecause(first)).toBe('enrolled');
    expect((await openIncarnation(parts(identity, here))).incarnation).toBe(first.incarnation);
  });
  it('P3: of a directory that was copied between joining and its first life only the one that joined has that letter', async () => {
    const letterAt = async (machine: MachineIdentity) =>
      (await openIncarnation(parts(enrolledDisk(here).identity, machine))).letter;
    expect(await letterAt(here)).toBe('C');
    for (const elsewhere of [
      { ...here, machineId: 'two' },
      { ...here, directoryInode: '18' },
    ])
      expect(await letterAt(elsewhere)).toMatch(/^C[A-Z]{5}$/);
  });
  it('P3: on another machine, or in a copied directory, another life begins under a letter of its own', async () => {
    const { identity } = enrolledDisk();
    const first = await openIncarnation(parts(identity, here));
    for (const elsewhere of [
      { ...here, machineId: 'two' },
      { machineId: 'two', directoryInode: '18' },
    ]) {
      const next = await openIncarnation(parts(identity, elsewhere, JSON.stringify(elsewhere)));
      expect(next.incarnation).not.toBe(first.incarnation);
      expect(next.letter).toMatch(/^C[BCDFGHJKLMNPQRSTVWXZ]{5}$/);
      expect(begunBecause(next)).toBe('copied');
      expect(next.identity.terminal).toBe('T1');
    }
    expect(identity.past().map((past) => past.incarnation)).toContain(first.incarnation);
  });
  it('P3: what a machine does not tell never begins a life', async () => {
    const { identity } = enrolledDisk();
    const first = await openIncarnation(parts(identity, here));
    expect((await openIncarnation(parts(identity, {}))).incarnation).toBe(first.incarnation);
    expect((await openIncarnation(parts(identity, { machineId: 'one' }))).incarnation).toBe(
      first.incarnation,
    );
  });
  it('P3: a damaged identity begins another life; without enrolment there is none', async () => {
    const { disk, identity } = enrolledDisk();
    const first = await openIncarnation(parts(identity, here));
    disk.plant('/data/identity/current.json', new TextEncoder().encode('{"v":1'));
    const next = await openIncarnation(parts(identity, here, 'b'));
    expect(next.incarnation).not.toBe(first.incarnation);
    expect(begunBecause(next)).toBe('restored');
    const empty = new IdentityStore(new FaultyDisk(seededRandom(2)), '/data/identity');
    await expect(openIncarnation(parts(empty, here))).rejects.toMatchObject({
      code: 'NOT_ENROLLED',
    });
  });
});
