import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import type { Disk } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { closeAuthority, foundCompany, openAuthority, rotateAuthority } from './authority-store.ts';
import { IdentityStore } from './identity-store.ts';
import { closeIfRoom, keysAtRest, openKeys, sealedKeys, type KeysAtRest } from './key-seal.ts';
import { SampleCompany, seededBytes } from './sample-company.ts';
import { ownWebAuthority, webRootFile } from './web-authority.ts';
import { readWebIdentity, saveWebIdentity, WebIdentity } from './web-identity.ts';
import { newWebKeyPair } from './web-key.ts';

const secret = new TextEncoder().encode('a secret of the machine');
const seal = sealedKeys(secret, seededBytes('seal'));
const another = sealedKeys(new TextEncoder().encode('that of another one'), seededBytes('other'));
const coded = (code: ErrorCode) => expect.objectContaining({ code });
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tillmesh-seal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a closed key', () => {
  test('opens under its secret and its name alone', () => {
    const closed = seal.close('terminal.key', 'PEM');
    expect(closed).not.toContain('PEM');
    expect(seal.open('terminal.key', closed)).toBe('PEM');
    expect(seal.open('terminal.key', `${closed}\n`)).toBe('PEM');
    for (const attempt of [
      () => seal.open('current.json', closed),
      () => another.open('terminal.key', closed),
      () => openKeys.open('terminal.key', closed),
    ])
      expect(attempt).toThrow(coded('KEY_SEALED'));
  });

  test('is never closed twice in the same way', () => {
    expect(seal.close('terminal.key', 'PEM')).not.toBe(seal.close('terminal.key', 'PEM'));
  });

  test.each(['tillmesh-sealed-key:1:', 'tillmesh-sealed-key:1:AAAA', 'tillmesh-sealed-key:1:=*'])(
    'that is cut is damaged: %s',
    (text) => expect(() => seal.open('terminal.key', text)).toThrow(coded('FILE_DAMAGED')),
  );
});

test.each([
  ['is missing', undefined],
  ['is too short', 'short'],
  ['is far too long', 'x'.repeat(70_000)],
])('a file of a seal that %s is refused by name', (_, text) => {
  const file = join(directory, 'seal');
  if (text !== undefined) writeFileSync(file, text);
  expect(() => keysAtRest(nodeDisk, file, seededBytes('x'))).toThrow(coded('KEY_SEAL_UNUSABLE'));
});

describe('a till’s keys', () => {
  const everything = () =>
    ['terminal.key', 'current.json'].map((name) => readFileSync(join(directory, name), 'utf8'));
  const storeOf = (keys: KeysAtRest) => new IdentityStore(nodeDisk, directory, keys);

  async function enrolUnder(keys: KeysAtRest) {
    const company = await SampleCompany.create();
    const { key, certificateDer, issuers, ...till } = await company.terminal('S01', 'T1');
    const life = await company.incarnationOf({ key, certificateDer, issuers, ...till });
    const letter = 'A' as SeriesLetter;
    const store = storeOf(keys);
    const { caDer } = company;
    store.saveEnrolled(
      {
        company: 'acme',
        store: till.store,
        terminal: till.terminal,
        letter,
        caDer,
        terminalDer: certificateDer,
        issuers,
        relays: [],
      },
      key,
    );
    const { identity, keyPem, chain } = life;
    store.begin({ incarnation: identity.incarnation, letter, binding: {}, keyPem, chain });
    return life;
  }

  test('X12: lie closed on the disk where the system keeps a secret for them', async () => {
    const life = await enrolUnder(seal);
    expect(everything().join()).not.toContain('PRIVATE KEY');
    expect(storeOf(seal).living()).toMatchObject({
      principal: life.principal,
      keyPem: life.keyPem,
      credentials: { keyPem: life.keyPem },
    });
    expect(storeOf(seal).enrolled()).toMatchObject({ terminal: 'T1' });
  });

  test('P3: that do not open are no reason for another life', async () => {
    await enrolUnder(seal);
    for (const keys of [openKeys, another]) {
      expect(() => storeOf(keys).enrolled()).toThrow(coded('KEY_SEALED'));
      expect(() => storeOf(keys).living()).toThrow(coded('KEY_SEALED'));
    }
  });

  test('X5: that lie open on a full disk keep nobody from starting, and are closed when there is room', async () => {
    const life = await enrolUnder(openKeys);
    const causes: unknown[] = [];
    const close = (disk: Disk) =>
      closeIfRoom(
        () => new IdentityStore(disk, directory, seal).closeKeys(),
        (cause) => causes.push(cause),
      );
    // No room for the first of them, then none for the second.
    for (const room of [0, 1]) {
      let made = 0;
      const full: Disk = {
        ...nodeDisk,
        create(path) {
          if (made++ < room) return nodeDisk.create(path);
          throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        },
      };
      expect(close(full)).toBe(false);
      expect(storeOf(seal).living()).toMatchObject({ keyPem: life.keyPem });
      expect(storeOf(seal).enrolled()).toMatchObject({ terminal: 'T1' });
    }
    expect(causes).toMatchObject([{ code: 'DISK_FULL' }, { code: 'DISK_FULL' }]);
    expect(close(nodeDisk)).toBe(true);
    expect(everything().join()).not.toContain('PRIVATE KEY');
    expect(() =>
      closeIfRoom(
        () => {
          throw new TillmeshError('DISK_FAILED');
        },
        (cause) => expect.fail(cause.message),
      ),
    ).toThrow(coded('DISK_FAILED'));
  });

  test('that lay open are closed once, and go on to be the same', async () => {
    const life = await enrolUnder(openKeys);
    expect(everything().join()).toContain('PRIVATE KEY');
    expect(storeOf(openKeys).closeKeys()).toBe(false);
    expect(storeOf(seal).closeKeys()).toBe(true);
    expect(everything().join()).not.toContain('PRIVATE KEY');
    const closed = everything();
    expect(storeOf(seal).closeKeys()).toBe(false);
    expect(everything()).toEqual(closed);
    expect(storeOf(seal).living()?.keyPem).toBe(life.keyPem);
  });
});

test('X12: so do the keys of pages on the shop network, at head office and at the till', async () => {
  const chance = { random: seededBytes('web'), nowMs: Date.UTC(2026, 10, 2) };
  const path = join(directory, webRootFile);
  const made = await ownWebAuthority(nodeDisk, directory, 'acme', chance);
  expect(readFileSync(path, 'utf8')).toContain('PRIVATE KEY');
  const create = () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  const full = await ownWebAuthority({ ...nodeDisk, create }, directory, 'acme', chance, seal);
  expect(full.rootDer).toEqual(made.rootDer);
  const kept = await ownWebAuthority(nodeDisk, directory, 'acme', chance, seal);
  expect(readFileSync(path, 'utf8')).not.toContain('PRIVATE KEY');
  expect(kept.rootDer).toEqual(made.rootDer);
  await expect(ownWebAuthority(nodeDisk, directory, 'acme', chance)).rejects.toThrow(
    coded('KEY_SEALED'),
  );
  const again = await ownWebAuthority(nodeDisk, directory, 'acme', chance, seal);
  expect(again.pem()).toBe(made.pem());

  const terminal = { company: 'acme', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };
  const { privateKey, publicKey } = newWebKeyPair(chance.random);
  const certificateDer = await again.issueTill({ ...terminal, publicKey, ...chance });
  const till = new WebIdentity(terminal, { certificateDer, rootDer: again.rootDer }, privateKey);
  const file = join(directory, 'lan-screens.pem');
  saveWebIdentity(nodeDisk, file, till, seal);
  expect(readFileSync(file, 'utf8')).not.toContain('PRIVATE KEY');
  expect(readWebIdentity(nodeDisk, file, terminal, seal)?.pem()).toBe(till.pem());
});

describe('the issuing key of head office', () => {
  const text = () => readFileSync(join(directory, 'authority.pem'), 'utf8');
  const plan = { random: seededBytes('company'), nowMs: Date.UTC(2026, 10, 2) };

  test('X12: is closed from the first start on, and by a rotation', async () => {
    const founded = await foundCompany(nodeDisk, directory, { ...plan, keys: seal });
    expect(text()).not.toContain('PRIVATE KEY');
    expect(openAuthority(nodeDisk, directory, seal)?.privateKeyPem()).toBe(founded.privateKeyPem());
    expect(() => openAuthority(nodeDisk, directory)).toThrow(coded('KEY_SEALED'));
    const passphrase = /^ {4}(\S+)$/m.exec(
      readFileSync(join(directory, 'company-recovery.txt'), 'utf8'),
    )?.[1];
    await rotateAuthority(nodeDisk, directory, {
      ...plan,
      keys: seal,
      passphrase: async () => passphrase ?? '',
    });
    expect(text()).not.toContain('PRIVATE KEY');
    expect(openAuthority(nodeDisk, directory, seal)).toBeDefined();
  });

  test('that lay open is closed once', async () => {
    const founded = await foundCompany(nodeDisk, directory, plan);
    expect(closeAuthority(nodeDisk, directory, openKeys)).toBe(false);
    expect(closeAuthority(nodeDisk, directory, seal)).toBe(true);
    expect(text()).not.toContain('PRIVATE KEY');
    expect(closeAuthority(nodeDisk, directory, seal)).toBe(false);
    expect(openAuthority(nodeDisk, directory, seal)?.privateKeyPem()).toBe(founded.privateKeyPem());
  });
});
