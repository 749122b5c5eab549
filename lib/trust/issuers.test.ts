/** Chains of every shape under one root: who may sign whom, and everything else refused. */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../domain/errors.ts';
import { toBase64Url } from '../journal/bytes.ts';
import { writeCertificate, type CertificatePlan } from './certificate-builder.ts';
import {
  enrollerSubject,
  issuingSubject,
  readEnrollerSubject,
  type Enroller,
} from './certificate-names.ts';
import { verifyAuthority, verifyChain, verifyEnroller } from './chain.ts';
import { newKeyPair, privateKeyFromPem } from './keys.ts';
import { SampleCompany, sampleNowMs } from './sample-company.ts';
import { verdictOf } from './sample-verdict.ts';

type Signer = { readonly name: string; readonly key: KeyObject };

let company: SampleCompany;
let rogue: SampleCompany;
/** Everybody who may sign something, and some who may not. */
let root: Signer;
let issuing: Signer;
let rogueIssuing: Signer;
const t1 = { store: 'S01', terminal: 'T1', first: 10, last: 19 } as const;
const range = t1 as unknown as Enroller;

beforeAll(async () => {
  company = await SampleCompany.create('issuers');
  rogue = await SampleCompany.create('rogue issuers');
  const keyOf = (pem: string) => privateKeyFromPem(pem);
  root = { name: 'O=acme,CN=Tillmesh CA', key: keyOf(company.root.privateKeyPem()) };
  issuing = { name: issuingSubject('acme'), key: keyOf(company.authority.privateKeyPem()) };
  rogueIssuing = { name: issuing.name, key: keyOf(rogue.authority.privateKeyPem()) };
});

type Made = Signer & { readonly der: Uint8Array };

async function sign(
  role: CertificatePlan['role'],
  subject: string,
  by: Signer,
  key = newKeyPair(company.random).privateKey,
): Promise<Made> {
  const der = await writeCertificate({
    role,
    subject,
    issuer: by.name,
    subjectKey: createPublicKey(key),
    issuerPublicKey: createPublicKey(by.key),
    issuerPrivateKey: by.key,
    nowMs: sampleNowMs,
    random: company.random,
  });
  return { name: subject, key, der };
}

const terminal = (name: string, by: Signer, store = 'S01') =>
  sign('terminal', `O=acme,OU=${store},CN=${name}`, by);
const enroller = (by: Signer, change: Partial<Record<keyof Enroller, string | number>> = {}) =>
  sign('enroller', enrollerSubject('acme', { ...range, ...change } as Enroller), by);

/** A life of the terminal that stands first, with the chain above it. */
async function lifeOf([own, ...above]: readonly Made[], principal?: string): Promise<Uint8Array[]> {
  if (!own) throw new Error('no terminal');
  const [, store, name] = /OU=(\w+),CN=(\w+)$/.exec(own.name) ?? [];
  const life = await sign(
    'incarnation',
    `CN=${principal ?? `${store}-${name}-0123456789abcdef`}`,
    own,
  );
  return [life, own, ...above].map(({ der }) => der);
}

const judge = (chain: readonly Uint8Array[]) => verdictOf(() => verifyChain(chain, company.caDer));
const spkiOf = (der: Uint8Array | undefined) =>
  new X509Certificate(der ?? '').publicKey.export({ type: 'spki', format: 'der' });
const nameOf = async (der: Uint8Array | undefined) =>
  Buffer.from(await crypto.subtle.digest('SHA-256', spkiOf(der))).toString('hex');

const own = async () => ({ ...issuing, der: company.authority.issuers[0] ?? new Uint8Array() });

describe('a chain of the company', () => {
  test.each<[string, () => Promise<Made[]>]>([
    ['the root itself, as in the first version', async () => [await terminal('T1', root)]],
    ['an issuing key', async () => [await terminal('T1', issuing), await own()]],
    [
      'a till that the root lets enrol',
      async () => {
        const till = await enroller(root);
        return [await terminal('T10', till), till];
      },
    ],
    [
      'a till that an issuing key lets enrol',
      async () => {
        const till = await enroller(issuing);
        return [await terminal('T19', till), till, await own()];
      },
    ],
  ])('enrolled by %s is accepted, and names its keys', async (_, shape) => {
    const made = await shape();
    const chain = await lifeOf(made);
    const verified = verifyChain(chain, company.caDer);
    expect(verified.terminalKey).toBe(await nameOf(chain[1]));
    expect(verified.issuerKeys).toEqual(await Promise.all(chain.slice(2).map(nameOf)));
    expect(verified.company).toBe('acme');
    expect(Object.keys(verified).slice(2, 4)).toEqual(['principal', 'terminalKey']);
  });

  test('P2: of any dates: nobody asks the clock', async () => {
    const old = await SampleCompany.create('issuers', Date.UTC(1990, 0, 1));
    const { chain } = await old.incarnation('S01', 'T1');
    expect(verifyChain(chain, old.caDer).notAfterMs).toBeLessThan(sampleNowMs);
  });
});

describe('refused', () => {
  test.each<[string, () => Promise<Uint8Array[]>, ErrorCode]>([
    [
      'an issuing key of a rogue root with our names',
      async () => lifeOf([await terminal('T1', rogueIssuing), ...(await rogueChain())]),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a terminal by a rogue issuing key under our certificate',
      async () => lifeOf([await terminal('T1', rogueIssuing), await own()]),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'an issuing key without its certificate',
      async () => lifeOf([await terminal('T1', issuing)]),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a forged till with a range, signed by nobody of ours',
      async () => withEnroller(await enroller(rogueIssuing)),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till that gave itself a range with its terminal key',
      async () => {
        const till = await terminal('T1', issuing);
        const self = await enroller(till);
        return lifeOf([await terminal('T10', self), self, till]);
      },
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till of the store below its range',
      async () => withEnroller(await enroller(issuing), 'T9'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till of the store above its range',
      async () => withEnroller(await enroller(issuing), 'T20'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a number of the range written otherwise',
      async () => withEnroller(await enroller(issuing), 'T010'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a terminal of another prefix',
      async () => withEnroller(await enroller(issuing), 'K10'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till of another store',
      async () => withEnroller(await enroller(issuing), 'T10', 'S02'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'head office enrolled by a till',
      async () => withEnroller(await enroller(issuing), 'HQ1', 'HQ'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till that may enrol for head office',
      async () => withEnroller(await enroller(issuing, { store: 'HQ' }), 'T10', 'HQ'),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till with a range that signs another issuer',
      async () => {
        const first = await enroller(issuing);
        const second = await enroller(first, { terminal: 'T10' });
        return lifeOf([await terminal('T11', second), second, first]);
      },
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a till with a range that signs an issuing key',
      async () => {
        const till = await enroller(root);
        const key = await sign('issuing', issuingSubject('acme'), till);
        return lifeOf([await terminal('T11', key), key, till]);
      },
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'an issuing key that signs an issuing key',
      async () => {
        const key = await sign('issuing', issuingSubject('acme'), issuing);
        return lifeOf([await terminal('T1', key), key, await own()]);
      },
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a terminal that signs a terminal',
      async () => {
        const till = await terminal('T1', issuing);
        return lifeOf([await terminal('T2', till), till, await own()]);
      },
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a terminal that signs a terminal, under the root',
      async () => {
        const till = await terminal('T1', root);
        return lifeOf([await terminal('T2', till), till]);
      },
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a till with a range that lives as a terminal by that certificate',
      async () => lifeOf([await enroller(issuing), await own()], 'S01-T1-0123456789abcdef'),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a life signed by an issuing key',
      async () => lifeOf([await own()], 'S01-T1-0123456789abcdef'),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a range that goes backwards',
      async () => withEnroller(await enroller(issuing, { first: 19, last: 10 })),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a range of another company',
      async () => withEnroller(await sign('enroller', enrollerSubject('other', range), issuing)),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a range with the constraints of an issuing key',
      async () => withEnroller(await sign('issuing', enrollerSubject('acme', range), issuing)),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a range with the constraints of a terminal',
      async () => withEnroller(await sign('terminal', enrollerSubject('acme', range), issuing)),
      'CERTIFICATE_MALFORMED',
    ],
    [
      'an issuing key with the constraints of a root',
      async () => {
        const key = await sign('authority', issuingSubject('acme'), root);
        return lifeOf([await terminal('T1', key), key]);
      },
      'CERTIFICATE_MALFORMED',
    ],
    [
      'issuers in the wrong order',
      async () => {
        const till = await enroller(issuing);
        return lifeOf([await terminal('T10', till), await own(), till]);
      },
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'an issuer twice',
      async () => lifeOf([await terminal('T1', issuing), await own(), await own()]),
      'CERTIFICATE_UNTRUSTED',
    ],
    [
      'a chain that goes on to the root',
      async () => {
        const till = await enroller(issuing);
        return [...(await lifeOf([await terminal('T10', till), till, await own()])), company.caDer];
      },
      'CERTIFICATE_MALFORMED',
    ],
    [
      'an issuer that nothing needs',
      async () => lifeOf([await terminal('T1', root), await own()]),
      'CERTIFICATE_UNTRUSTED',
    ],
  ])('%s', async (_, chain, code) => {
    expect(judge(await chain())).toBe(code);
  });
});

test('the longest chain that can be leaves a desk’s first change room for its edit', async () => {
  const name = 'company-0123456789abcdef';
  const [store, last] = ['S2345678', 'T9999'];
  const key: Signer = { ...issuing, name: issuingSubject(name) };
  const long = { store, terminal: 'ABC9999', first: 1000, last: 9999 } as unknown as Enroller;
  const made = await sign('enroller', enrollerSubject(name, long), key);
  const own = await sign('terminal', `O=${name},OU=${store},CN=${last}`, made);
  const chain = await lifeOf([own, made, await sign('issuing', key.name, root)]);
  for (const der of chain) expect(der.length).toBeLessThan(600);
  expect(chain.map(toBase64Url).join('","').length).toBeLessThan(3_072);
});

test('a range is read as it was written, and only so', () => {
  const node = (subject: string) => subject.replaceAll(',', '\n');
  const read = (subject: string) => readEnrollerSubject(node(subject));
  expect(read(enrollerSubject('acme', range))).toEqual({ company: 'acme', ...t1 });
  for (const wrong of [
    'T1-enrols-T010-T19',
    'T1-enrols-T0-T9',
    'T1-enrols-T1',
    'T1-enrols-T1-T99999',
    'T1',
  ])
    expect(read(`O=acme,OU=S01,CN=${wrong}`)).toBeUndefined();
});

test('only a till’s certificate says a range, and only a company’s key stands for the company', async () => {
  const till = await enroller(issuing);
  const { der } = await own();
  expect(verifyEnroller([till.der, der], company.caDer)).toEqual({ company: 'acme', ...t1 });
  expect(verdictOf(() => verifyEnroller([der], company.caDer))).toBe('CERTIFICATE_MALFORMED');
  expect(verdictOf(() => verifyEnroller([], company.caDer))).toBe('CERTIFICATE_MALFORMED');
  expect(verifyAuthority([der, company.caDer])).toBe('acme');
  const byRoot = await enroller(root);
  for (const ders of [[byRoot.der, company.caDer], [der, rogue.caDer], [der], []])
    expect(verdictOf(() => verifyAuthority(ders))).not.toBe('accepted');
});

async function withEnroller(till: Made, name = 'T10', store = 'S01'): Promise<Uint8Array[]> {
  return lifeOf([await terminal(name, till, store), till, await own()]);
}

const rogueChain = async (): Promise<Made[]> =>
  rogue.authority.issuers.map((der) => ({ ...rogueIssuing, der }));
