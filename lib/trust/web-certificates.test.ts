import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { isLanAddress, isLanName, lanNamesOf, type LanNames } from './lan-names.ts';
import { pemOf } from './pem.ts';
import { sampleNowMs, seededBytes } from './sample-company.ts';
import { ownWebAuthority, webRootFile, WebAuthority } from './web-authority.ts';
import { isDue, webLeafMs, webLeafSubject, webTillMs, webTillSubject } from './web-certificates.ts';
import { writeWebCertificate } from './web-certificates.ts';
import { readWebIdentity, saveWebIdentity, WebIdentity } from './web-identity.ts';
import { newWebKeyPair } from './web-key.ts';
import { privateKeyPem } from './keys.ts';

const terminal = { company: 'acme', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };
const random = seededBytes('web');
/** TLS looks at the machine's clock. */
const chance = { random, nowMs: new Date().getTime() };
const dayMs = 86_400_000;

let root: WebAuthority;
let identity: WebIdentity;
const key = newWebKeyPair(random);

beforeAll(async () => {
  root = await WebAuthority.create('acme', chance);
  identity = await issued(root);
});

async function issued(by: WebAuthority, at = chance): Promise<WebIdentity> {
  const { store, terminal: name } = terminal;
  const certificateDer = await by.issueTill({
    store,
    terminal: name,
    publicKey: key.publicKey,
    ...at,
  });
  return new WebIdentity(terminal, { certificateDer, rootDer: by.rootDer }, key.privateKey);
}

const closing: { close(): void }[] = [];
afterAll(() => closing.forEach((each) => each.close()));

/** What a client that trusts the web root alone says of a server that shows this. */
async function verdict(
  shown: { readonly chainPem: string; readonly keyPem: string },
  host: string,
  by = root,
): Promise<string> {
  const server = createServer({ cert: shown.chainPem, key: shown.keyPem });
  closing.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ca = pemOf(by.rootDer);
  const name = /^[0-9.:]+$/.test(host) ? {} : { servername: host };
  const socket = connect({ host: '127.0.0.1', port, ca, ...name });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => resolve('trusted'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`${error.code ?? ''}: ${error.message}`),
    );
  }).finally(() => socket.destroy()) as Promise<string>;
}

/** A leaf of any names, made with the till's key by somebody who has stolen it. */
async function stolen(names: LanNames) {
  const { privateKey, publicKey } = newWebKeyPair(random);
  const der = await writeWebCertificate({
    role: 'leaf',
    subject: webLeafSubject(terminal),
    issuer: webTillSubject(terminal),
    subjectKey: publicKey,
    issuerPublicKey: key.publicKey,
    issuerPrivateKey: key.privateKey,
    notAfterMs: chance.nowMs + dayMs,
    names,
    ...chance,
  });
  const chainPem = pemOf(der, new Uint8Array(identity.certificate.raw));
  return { chainPem, keyPem: privateKeyPem(privateKey) };
}

describe('what a shop network can call a till', () => {
  test.each([
    ['192.168.1.20', true],
    ['10.255.255.255', true],
    ['172.16.0.1', true],
    ['172.32.0.1', false],
    ['169.254.3.4', true],
    ['8.8.8.8', false],
    ['100.64.0.1', false],
    ['fd12:3456::1', true],
    ['fe80::1', true],
    ['2001:db8::1', false],
    ['::1', true],
    ['192.168.1', false],
  ])('address %s: %s', (address, is) => expect(isLanAddress(address)).toBe(is));

  test.each([
    ['till-1.local', true],
    ['a.b.home.arpa', true],
    ['till.internal', true],
    ['localhost', true],
    ['till-1', false],
    ['local', false],
    ['evillocal', false],
    ['bank.example', false],
    ['till.local.evil.example', false],
    ['till_1.local', false],
    ['*.local', false],
  ])('name %s: %s', (name, is) => expect(isLanName(name)).toBe(is));

  test('of all that a machine is called, what the certificate may say', () => {
    expect(
      lanNamesOf(['192.168.1.20', '203.0.113.9', 'fe80::2', 'fd00::7'], 'Till-1.Shop.lan'),
    ).toEqual({
      names: ['localhost', 'till-1.local', 'till-1.shop.lan'],
      addresses: ['127.0.0.1', '192.168.1.20', 'fd00::7'],
    });
    // A name that no certificate can say, and nothing but the machine itself.
    expect(lanNamesOf([], 'kasse 1')).toEqual({ names: ['localhost'], addresses: ['127.0.0.1'] });
  });
});

describe('a browser that trusts the web root', () => {
  test('trusts a till under its own names and addresses, and under no other', async () => {
    const leaf = await identity.leaf(lanNamesOf(['192.168.1.20'], 'till-1'), chance);
    expect(await verdict(leaf, 'till-1.local')).toBe('trusted');
    expect(await verdict(leaf, '127.0.0.1')).toBe('trusted');
    expect(await verdict(leaf, 'till-2.local')).toContain('ALTNAME_INVALID');
    const { subjectAltName, validFromDate, validToDate, subject, keyUsage } = leaf.certificate;
    expect(subjectAltName).toBe(
      'DNS:localhost, DNS:till-1.local, IP Address:127.0.0.1, IP Address:192.168.1.20',
    );
    expect(subject).toBe('O=acme\nOU=S01\nCN=T1 pages');
    expect(keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(validToDate.getTime() - validFromDate.getTime()).toBeLessThanOrEqual(
      webLeafMs + 2 * dayMs,
    );
  });

  test('an IPv6 address of the LAN is one, too', async () => {
    const leaf = await identity.leaf(lanNamesOf(['fd00::7'], 'till-1'), chance);
    expect(leaf.certificate.checkIP('fd00::7')).toBe('fd00::7');
    expect(await verdict(leaf, '127.0.0.1')).toBe('trusted');
  });

  test.each([
    ['a name outside', { names: ['bank.example'], addresses: [] }, 'bank.example'],
    ['one that only ends like it', { names: ['evillocal'], addresses: [] }, 'evillocal'],
    ['an address outside', { names: ['localhost'], addresses: ['203.0.113.9'] }, 'localhost'],
    ['an IPv6 address outside', { names: ['localhost'], addresses: ['2001:db8::1'] }, 'localhost'],
  ])('whoever stole a till’s key cannot speak for %s', async (_what, names, host) => {
    expect(await verdict(await stolen(names), host)).toContain('permitted subtree violation');
  });

  test('nor make a till’s key sign one that signs in its turn', async () => {
    const { privateKey, publicKey } = newWebKeyPair(random);
    const middle = await writeWebCertificate({
      role: 'till',
      subject: webTillSubject({ ...terminal, terminal: 'T2' as TerminalId }),
      issuer: webTillSubject(terminal),
      subjectKey: publicKey,
      issuerPublicKey: key.publicKey,
      issuerPrivateKey: key.privateKey,
      notAfterMs: chance.nowMs + dayMs,
      ...chance,
    });
    const der = await writeWebCertificate({
      role: 'leaf',
      subject: webLeafSubject(terminal),
      issuer: webTillSubject({ ...terminal, terminal: 'T2' as TerminalId }),
      subjectKey: publicKey,
      issuerPublicKey: publicKey,
      issuerPrivateKey: privateKey,
      notAfterMs: chance.nowMs + dayMs,
      names: lanNamesOf([], 'till-1'),
      ...chance,
    });
    const chainPem = pemOf(der, middle, new Uint8Array(identity.certificate.raw));
    expect(await verdict({ chainPem, keyPem: privateKeyPem(privateKey) }, 'localhost')).toContain(
      'PATH_LENGTH_EXCEEDED',
    );
  });

  test('does not trust a till of another company’s root', async () => {
    const leaf = await identity.leaf(lanNamesOf([], 'till-1'), chance);
    const other = await WebAuthority.create('acme', { ...chance, random: seededBytes('other') });
    expect(await verdict(leaf, 'localhost', other)).not.toBe('trusted');
  });
});

describe('renewal', () => {
  test('is due when a third is left, and where a clock says that it is not valid at all', async () => {
    const at = { random, nowMs: sampleNowMs };
    const till = await issued(root, at);
    const leaf = await till.leaf(lanNamesOf([], 'x'), at);
    for (const [{ certificate }, lifeMs] of [
      [till, webTillMs],
      [leaf, webLeafMs],
    ] as const) {
      expect(isDue(certificate, sampleNowMs)).toBe(false);
      expect(isDue(certificate, sampleNowMs + (lifeMs * 2) / 3 - 2 * dayMs)).toBe(false);
      expect(isDue(certificate, sampleNowMs + (lifeMs * 2) / 3 + dayMs)).toBe(true);
      expect(isDue(certificate, sampleNowMs - 400 * dayMs)).toBe(true);
    }
    const late = { random, nowMs: sampleNowMs + webTillMs - 10 * dayMs };
    const last = await till.leaf(lanNamesOf([], 'x'), late);
    expect(last.certificate.validToDate).toEqual(till.certificate.validToDate);
  });
});

describe('files', () => {
  const disk = () => {
    const made = new FaultyDisk(seededRandom(1));
    made.makeDirectory('/data');
    return made;
  };

  test('head office’s root is made once, and never replaced in silence', async () => {
    const there = disk();
    const first = await ownWebAuthority(there, '/data', 'acme', chance);
    expect((await ownWebAuthority(there, '/data', 'acme', chance)).rootDer).toEqual(first.rootDer);
    const path = join('/data', webRootFile);
    await expect(ownWebAuthority(there, '/data', 'other', chance)).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
    });
    const bytes = there.read(path) ?? new Uint8Array();
    there.remove(path);
    there.create(path).append(bytes.subarray(0, 300));
    const error: unknown = await ownWebAuthority(there, '/data', 'acme', chance).catch((e) => e);
    expect(error).toMatchObject({ code: 'FILE_DAMAGED' });
    expect(String(error)).not.toContain('BEGIN');
  });

  test('a till’s own comes back as it was; of another till, damaged or without its key it is none', () => {
    const there = disk();
    saveWebIdentity(there, '/data/web.pem', identity);
    const read = readWebIdentity(there, '/data/web.pem', terminal);
    expect(read?.pem()).toBe(identity.pem());
    const other = { ...terminal, terminal: 'T2' as TerminalId };
    expect(readWebIdentity(there, '/data/web.pem', other)).toBeUndefined();
    expect(readWebIdentity(there, '/data/none.pem', terminal)).toBeUndefined();
    for (const text of [
      identity.pem().slice(0, 400),
      '',
      privateKeyPem(newWebKeyPair(random).privateKey) +
        identity.pem().slice(identity.pem().indexOf('-----BEGIN CERT')),
    ]) {
      there.create('/data/bad.pem').append(new TextEncoder().encode(text));
      expect(readWebIdentity(there, '/data/bad.pem', terminal)).toBeUndefined();
      there.remove('/data/bad.pem');
    }
  });

  test('the root says itself that it is for pages of the LAN alone', () => {
    const certificate = new X509Certificate(root.rootDer);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(Buffer.from(root.rootDer).toString('hex')).toContain('0603551d1e0101ff');
    expect(certificate.raw.length).toBeLessThan(1_000);
  });
});
