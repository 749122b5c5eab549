import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SeriesLetter } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { verifyChain } from './chain.ts';
import type { Enrolled } from './enrolment.ts';
import type { StoredIncarnation } from './identity-files.ts';
import { IdentityStore } from './identity-store.ts';
import type { NewIncarnation } from './incarnation.ts';
import { SampleCompany, type SampleTerminal } from './sample-company.ts';

const text = new TextDecoder();
const binding = { machine: 'm-1', place: 'fs-7' };
let company: SampleCompany;
let till: SampleTerminal;
let first: NewIncarnation;
let second: NewIncarnation;
let directory: string;

beforeAll(async () => {
  company = await SampleCompany.create();
  till = await company.terminal('S01', 'T1');
  first = await company.incarnationOf(till);
  second = await company.incarnationOf(till);
});
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'tillmesh-identity-')), 'data', 'identity');
});
afterEach(() => rmSync(join(directory, '..', '..'), { recursive: true }));

const enrolledAs = ({ store, terminal, certificateDer, issuers }: SampleTerminal): Enrolled => ({
  company: 'acme',
  store,
  terminal,
  letter: 'A' as SeriesLetter,
  caDer: company.caDer,
  terminalDer: certificateDer,
  issuers,
  relays: [{ host: 'hq.example', port: 3001 }],
});

const stored = (life: NewIncarnation, letter: string): StoredIncarnation => ({
  incarnation: life.identity.incarnation,
  letter: letter as SeriesLetter,
  binding,
  keyPem: life.keyPem,
  chain: life.chain,
});

/** Everything in the directory, as one text: where a key could still be read. */
const everything = (disk = nodeDisk, path = directory): string =>
  disk
    .list(path)
    .map((name) => {
      const bytes = disk.read(join(path, name));
      return bytes === undefined ? everything(disk, join(path, name)) : text.decode(bytes);
    })
    .join('\n');
const secretOf = (life: NewIncarnation): string => life.keyPem.split('\n')[1] ?? 'no key';

describe('the identity files', () => {
  test('are empty before anything is kept', () => {
    const store = new IdentityStore(nodeDisk, directory);
    expect(store.enrolled()).toBeUndefined();
    expect(store.living()).toBeUndefined();
    expect(store.past()).toEqual([]);
  });

  test('give back an enrolment and the living incarnation, able to sign', () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin(stored(first, 'A'));
    const again = new IdentityStore(nodeDisk, directory);
    const { terminalKey, ...enrolled } = again.enrolled() ?? { terminalKey: undefined };
    expect(enrolled).toEqual(enrolledAs(till));
    expect(terminalKey?.equals(till.key)).toBe(true);
    const living = again.living();
    expect(living).toMatchObject({ ...stored(first, 'A'), principal: first.principal });
    expect(living?.credentials).toEqual(first.credentials);
    const message = new Uint8Array([1, 2, 3]);
    const signature = living?.signer(message) ?? new Uint8Array();
    expect(verifyChain(first.chain, company.caDer).verify(message, signature)).toBe(true);
  });

  test('are readable by their owner alone', () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin(stored(first, 'A'));
    store.begin(stored(second, 'B'));
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
    expect(names).toEqual([
      'ca.pem',
      'current.json',
      'enrolment.json',
      'lives',
      ...[first, second].map(({ identity }) => `lives/${identity.incarnation}.json`).sort(),
      'terminal.key',
      'terminal.pem',
    ]);
    for (const name of ['.', ...names]) {
      const stat = statSync(join(directory, name));
      expect([name, stat.mode & 0o777]).toEqual([name, stat.isDirectory() ? 0o700 : 0o600]);
    }
  });

  test('P3: forget the key of an incarnation when a new one begins, and keep its chain', () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin(stored(first, 'A'));
    expect(everything()).toContain(secretOf(first));
    store.begin(stored(second, 'B'));
    expect(everything()).not.toContain(secretOf(first));
    expect(everything()).toContain(secretOf(second));
    expect(store.living()?.principal).toBe(second.principal);
    expect(store.past()).toEqual([
      { incarnation: first.identity.incarnation, letter: 'A', chain: first.chain, order: 1 },
    ]);
  });

  test('tell past incarnations in the order in which they began, whatever their random names', async () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    const began: string[] = [];
    for (const letter of ['A', 'B', 'C', 'D', 'E', 'F']) {
      const life = await company.incarnationOf(till);
      store.begin(stored(life, letter));
      began.push(life.identity.incarnation);
    }
    expect(began).not.toEqual(began.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(store.past().map(({ incarnation }) => incarnation)).toEqual(began.slice(0, -1));
  });

  test('P3: know the letters of all lives, also when the living one’s file was lost', () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    expect(store.letters()).toEqual(new Set());
    store.begin(stored(first, 'A'));
    store.begin(stored(second, 'AB'));
    nodeDisk.remove(join(directory, 'current.json'));
    expect(store.living()).toBeUndefined();
    expect(store.letters()).toEqual(new Set(['A', 'AB']));
    expect(store.past()).toHaveLength(2);
  });

  test('P3: a new enrolment ends the incarnation that lived by the old one', async () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin(stored(first, 'A'));
    const other = await company.terminal('S01', 'T2');
    store.saveEnrolled(enrolledAs(other), other.key);
    expect(store.living()).toBeUndefined();
    expect(store.enrolled()?.terminal).toBe('T2');
    expect(everything()).not.toContain(secretOf(first));
    expect(store.past().map(({ incarnation }) => incarnation)).toEqual([
      first.identity.incarnation,
    ]);
  });
});

describe('damaged identity files', () => {
  test.each(['current.json', 'enrolment.json', 'terminal.key', 'terminal.pem', 'ca.pem'])(
    'a damaged %s is a FILE_DAMAGED that quotes nothing',
    (name) => {
      const store = new IdentityStore(nodeDisk, directory);
      store.saveEnrolled(enrolledAs(till), till.key);
      store.begin(stored(first, 'A'));
      const path = join(directory, name);
      const bytes = nodeDisk.read(path) ?? new Uint8Array();
      for (const damaged of [bytes.subarray(0, bytes.length >> 1), new Uint8Array(40)]) {
        nodeDisk.remove(path);
        nodeDisk.create(path).append(damaged);
        const error = errorOf(() => [store.enrolled(), store.living()]);
        expect(error).toMatchObject({ code: 'FILE_DAMAGED' });
        expect(`${String(error)}${String((error as Error).cause)}`).not.toContain(secretOf(first));
      }
    },
  );

  test('a key that is not of its chain is not used', () => {
    const store = new IdentityStore(nodeDisk, directory);
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin({ ...stored(first, 'A'), keyPem: second.keyPem });
    expect(errorOf(() => store.living())).toMatchObject({ code: 'FILE_DAMAGED' });
    store.begin(stored(second, 'B'));
    expect(store.living()?.principal).toBe(second.principal);
  });
});

test('P3: whenever the power goes while an incarnation begins, the old or the new one lives, whole', () => {
  const seen = new Set<string | undefined>();
  for (let seed = 1; seed <= 12; seed++) {
    for (let nth = 1; nth <= 40; nth++) {
      const disk = new FaultyDisk(seededRandom(seed * 100 + nth));
      disk.makeDirectory('/data');
      disk.syncDirectory('/');
      const store = new IdentityStore(disk, '/data/identity');
      store.saveEnrolled(enrolledAs(till), till.key);
      store.begin(stored(first, 'A'));
      disk.fail({ nth, kind: 'EIO', sticky: true });
      const interrupted = errorOf(() => store.begin(stored(second, 'B')));
      disk.heal();
      disk.crash();
      const living = store.living()?.principal;
      if (interrupted === undefined) {
        expect(living).toBe(second.principal);
        expect(everything(disk, '/data')).not.toContain(secretOf(first));
        expect(store.past()).toHaveLength(1);
      }
      seen.add(living);
      expect([first.principal, second.principal]).toContain(living);
      expect(store.enrolled()?.terminal).toBe('T1');
    }
  }
  expect(seen.size).toBe(2);
});

test('an enrolment that was cut short is none', () => {
  const outcomes = new Set<boolean>();
  for (let nth = 1; nth <= 60; nth++) {
    const disk = new FaultyDisk(seededRandom(nth));
    const store = new IdentityStore(disk, '/data/identity');
    disk.fail({ nth, kind: 'EIO', sticky: true });
    const interrupted = errorOf(() => store.saveEnrolled(enrolledAs(till), till.key));
    disk.heal();
    disk.crash();
    const enrolled = store.enrolled();
    if (interrupted === undefined) expect(enrolled?.terminal).toBe('T1');
    outcomes.add(enrolled !== undefined);
  }
  expect(outcomes.size).toBe(2);
});

test('a new enrolment that was cut short leaves the old one, none, or the new one, never a mixture', async () => {
  const other = await company.terminal('S01', 'T2');
  const outcomes = new Set<string | undefined>();
  for (let nth = 1; nth <= 70; nth++) {
    const disk = new FaultyDisk(seededRandom(nth));
    const store = new IdentityStore(disk, '/data/identity');
    store.saveEnrolled(enrolledAs(till), till.key);
    store.begin(stored(first, 'A'));
    disk.fail({ nth, kind: 'EIO', sticky: true });
    const interrupted = errorOf(() => store.saveEnrolled(enrolledAs(other), other.key));
    disk.heal();
    disk.crash();
    const enrolled = store.enrolled()?.terminal;
    if (interrupted === undefined) expect(enrolled).toBe('T2');
    outcomes.add(enrolled);
  }
  expect(outcomes).toEqual(new Set(['T1', 'T2', undefined]));
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
