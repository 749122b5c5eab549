import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Disk } from '../storage/disk.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import {
  foundCompany,
  openAuthority,
  recoveryPath,
  rotateAuthority,
  type AuthorityPlan,
} from './authority-store.ts';
import { Authority } from './authority.ts';
import { verifyChain, verifyTerminal } from './chain.ts';
import { issueIncarnation } from './incarnation.ts';
import { openRoot, sealRoot } from './root-key.ts';
import { SampleCompany, sampleNowMs, seededBytes, type SampleTerminal } from './sample-company.ts';

let directory: string;
let company: SampleCompany;
let till: SampleTerminal;

beforeAll(async () => {
  company = await SampleCompany.create();
  till = await company.terminal('S01', 'T1');
});
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'tillmesh-authority-')), 'relay');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

const utf8 = new TextEncoder();
const plan = (seed = 'ca'): AuthorityPlan => ({ random: seededBytes(seed), nowMs: sampleNowMs });
const notAsked = (): Promise<string> => Promise.reject(new Error('asked for the passphrase'));

const passphraseIn = (disk: Disk, at = directory): string =>
  /^ {4}(\S+)$/m.exec(textOf(disk, recoveryPath(at)))?.[1] ?? '';
const textOf = (disk: Disk, path: string): string =>
  new TextDecoder().decode(disk.read(path) ?? new Uint8Array());

/** A chain of a till that this authority enrols now. */
async function enrolledBy(authority: Authority): Promise<readonly Uint8Array[]> {
  const { store, terminal, key } = till;
  const issued = { store, terminal, publicKey: createPublicKey(key), ...plan() };
  const { chain } = await issueIncarnation({
    caDer: authority.certificateDer,
    terminalDer: await authority.issueTerminal(issued),
    issuers: authority.issuers,
    terminalKey: key,
    ...plan(),
  });
  return chain;
}

/** As the first version wrote it: the root itself, in the one file. */
async function oldDirectory(): Promise<Authority> {
  const root = await Authority.create(plan('old'));
  nodeDisk.makeDirectory(directory);
  const pem = root.privateKeyPem() + root.certificatePem;
  writeAtomically(nodeDisk, join(directory, 'authority.pem'), utf8.encode(pem));
  return root;
}

async function codeOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

describe('the CA of a relay', () => {
  test('is made once and found again; what it signs leads to its root', async () => {
    expect(openAuthority(nodeDisk, directory)).toBeUndefined();
    const made = await foundCompany(nodeDisk, directory, plan());
    const found = openAuthority(nodeDisk, directory);
    expect(found?.certificateDer).toEqual(made.certificateDer);
    expect(found?.issuers).toEqual(made.issuers);
    expect(found?.isRoot).toBe(false);
    expect(found?.company).toMatch(/^company-[0-9a-f]{16}$/);
    const chain = await enrolledBy(found ?? made);
    expect(chain).toHaveLength(3);
    expect(verifyChain(chain, made.certificateDer).company).toBe(made.company);
  });

  test('keeps the root’s key only under the passphrase, and every file to its owner', async () => {
    const { certificateDer } = await foundCompany(nodeDisk, directory, plan());
    const sealed = nodeDisk.read(join(directory, 'company-root.json')) ?? new Uint8Array();
    const root = openRoot(sealed, passphraseIn(nodeDisk).toLowerCase().replaceAll('-', ' '));
    expect(root.isRoot).toBe(true);
    expect(root.certificateDer).toEqual(certificateDer);
    const [, key = ''] = root.privateKeyPem().split('\n');
    const seed = Buffer.from(key, 'base64').subarray(-32);
    for (const name of nodeDisk.list(directory)) {
      const bytes = Buffer.from(nodeDisk.read(join(directory, name)) ?? []);
      for (const secret of [key, seed, seed.toString('hex'), seed.toString('base64url')])
        expect(bytes.includes(secret), name).toBe(false);
      expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
    }
  });

  test('with another CA’s key, certificate or root is damaged', async () => {
    const other = await SampleCompany.create('other');
    const { authority, root } = company;
    const cases = [
      other.authority.privateKeyPem() + authority.certificatePem,
      root.privateKeyPem() + authority.certificatePem,
      authority.privateKeyPem() + root.certificatePem,
      authority.privateKeyPem() + authority.certificatePem + root.certificatePem,
      authority.privateKeyPem() + authority.certificatePem.replaceAll('MI', 'MJ'),
      authority.privateKeyPem(),
      '',
    ];
    nodeDisk.makeDirectory(directory);
    for (const text of cases) {
      writeAtomically(nodeDisk, join(directory, 'authority.pem'), utf8.encode(text));
      expect(await codeOf(() => openAuthority(nodeDisk, directory))).toBe('FILE_DAMAGED');
    }
  });

  test('a first start that is cut anywhere goes on as one company', async () => {
    const outcomes = new Set<string>();
    for (let nth = 1; nth <= 35; nth += 2) {
      const disk = new FaultyDisk(seededRandom(nth));
      disk.fail({ nth, kind: 'EIO', sticky: true });
      const first = await codeOf(() => foundCompany(disk, '/data', plan('first')));
      disk.heal();
      disk.crash();
      const sealed = disk.read('/data/company-root.json');
      const authority =
        openAuthority(disk, '/data') ?? (await foundCompany(disk, '/data', plan('second')));
      const file = disk.read('/data/company-root.json') ?? new Uint8Array();
      const root = openRoot(file, passphraseIn(disk, '/data'));
      expect(authority.certificateDer).toEqual(root.certificateDer);
      if (sealed) expect(file).toEqual(sealed);
      outcomes.add(first === 'done' ? 'whole' : sealed ? 'sealed' : 'nothing');
    }
    expect(outcomes).toEqual(new Set(['whole', 'sealed', 'nothing']));
  });

  test('where there is a root and nothing to open it with, no second company is founded', async () => {
    await foundCompany(nodeDisk, directory, plan());
    nodeDisk.remove(recoveryPath(directory));
    nodeDisk.remove(join(directory, 'authority.pem'));
    expect(await codeOf(() => foundCompany(nodeDisk, directory, plan('b')))).toBe('FILE_DAMAGED');
  });
});

describe('a new issuing key', () => {
  test('signs new terminals; old chains stay valid; the old key may be lost', async () => {
    const before = await foundCompany(nodeDisk, directory, plan());
    const old = await enrolledBy(before);
    const passphrase = passphraseIn(nodeDisk);
    nodeDisk.remove(recoveryPath(directory));
    for (const isLost of [false, true]) {
      if (isLost) nodeDisk.remove(join(directory, 'authority.pem'));
      const { isNewlySealed } = await rotateAuthority(nodeDisk, directory, {
        ...plan(`rotation ${isLost}`),
        passphrase: () => Promise.resolve(passphrase),
      });
      expect(isNewlySealed).toBe(false);
      const after = openAuthority(nodeDisk, directory);
      if (!after) throw new Error('no authority');
      expect(after.issuers).not.toEqual(before.issuers);
      const fresh = await enrolledBy(after);
      for (const chain of [old, fresh])
        expect(verifyChain(chain, before.certificateDer).identity.terminal).toBe('T1');
      // A chain with the issuing certificates exchanged is nobody's: they share a name, not a key.
      const mixed = [...fresh.slice(0, 2), ...before.issuers];
      expect(await codeOf(() => verifyChain(mixed, before.certificateDer))).toBe(
        'CERTIFICATE_UNTRUSTED',
      );
    }
    expect(nodeDisk.stat(recoveryPath(directory))).toBeUndefined();
  });

  test.each([
    ['another one', 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA'],
    ['one that is too short', 'AAAA'],
    ['nothing', ''],
  ])('needs the passphrase: %s opens nothing and changes nothing', async (_, passphrase) => {
    await foundCompany(nodeDisk, directory, plan());
    const before = nodeDisk.read(join(directory, 'authority.pem'));
    const rotated = rotateAuthority(nodeDisk, directory, {
      ...plan('b'),
      passphrase: () => Promise.resolve(passphrase),
    });
    await expect(rotated).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    expect(nodeDisk.read(join(directory, 'authority.pem'))).toEqual(before);
  });

  test('is refused with another company’s root, with a damaged one, and where nothing is', async () => {
    const rotate = (passphrase = '') =>
      codeOf(() =>
        rotateAuthority(nodeDisk, directory, {
          ...plan('b'),
          passphrase: () => Promise.resolve(passphrase),
        }),
      );
    expect(await rotate()).toBe('DIRECTORY_EMPTY');
    await foundCompany(nodeDisk, directory, plan());
    const path = join(directory, 'company-root.json');
    const good = textOf(nodeDisk, path);
    const passphrase = passphraseIn(nodeDisk);
    const write = (text: string) => writeAtomically(nodeDisk, path, utf8.encode(text));
    const foreign = sealRoot(company.root, passphrase, seededBytes('x'));
    writeAtomically(nodeDisk, path, foreign);
    expect(await rotate(passphrase)).toBe('FILE_DAMAGED');
    write('{}');
    expect(await rotate(passphrase)).toBe('FILE_DAMAGED');
    // The certificate is bound to the key: another one in its place opens nothing.
    const fields = JSON.parse(good) as Record<string, unknown>;
    const { certificate } = JSON.parse(new TextDecoder().decode(foreign)) as typeof fields;
    write(JSON.stringify({ ...fields, certificate }));
    expect(await rotate(passphrase)).toBe('PASSPHRASE_WRONG');
    nodeDisk.remove(path);
    expect(await rotate(passphrase)).toBe('FILE_DAMAGED');
    write(good);
    expect(await rotate(passphrase)).toBe('done');
  });
});

describe('a directory of the first version', () => {
  test('goes on as it is: its root signs terminals, in chains of two', async () => {
    const root = await oldDirectory();
    const found = openAuthority(nodeDisk, directory);
    expect(found?.isRoot).toBe(true);
    const chain = await enrolledBy(found ?? root);
    expect(chain).toHaveLength(2);
    expect(verifyTerminal(chain.slice(1), root.certificateDer).terminal).toBe('T1');
  });

  test('gets the new layout with its first rotation, without a passphrase; its chains stay valid', async () => {
    const root = await oldDirectory();
    const old = await enrolledBy(root);
    const plain = root.privateKeyPem();
    const options = { ...plan('b'), passphrase: notAsked };
    const { isNewlySealed } = await rotateAuthority(nodeDisk, directory, options);
    expect(isNewlySealed).toBe(true);
    const after = openAuthority(nodeDisk, directory);
    expect(after?.isRoot).toBe(false);
    for (const name of nodeDisk.list(directory))
      expect(textOf(nodeDisk, join(directory, name))).not.toContain(plain.split('\n')[1]);
    const sealed = nodeDisk.read(join(directory, 'company-root.json')) ?? new Uint8Array();
    expect(openRoot(sealed, passphraseIn(nodeDisk)).privateKeyPem()).toBe(plain);
    const chains = [old, await enrolledBy(after ?? root)];
    expect(chains.map((chain) => chain.length)).toEqual([2, 3]);
    for (const chain of chains)
      expect(verifyChain(chain, root.certificateDer).company).toBe(root.company);
  });
});
