import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from '../journal/bytes.ts';
import { ChainCache } from './chain-cache.ts';
import { verifyChain } from './chain.ts';
import { writeCertificate, type CertificatePlan } from './certificate-builder.ts';
import { newKeyPair, privateKeyFromPem } from './keys.ts';
import type { NewIncarnation } from './incarnation.ts';
import { pemOf } from './pem.ts';
import { SampleCompany, sampleNowMs, seededBytes, type SampleTerminal } from './sample-company.ts';
import { verdictOf } from './sample-verdict.ts';

let company: SampleCompany;
let rogue: SampleCompany;
let till: SampleTerminal;
let life: NewIncarnation;
const utf8 = new TextEncoder();
// P-256 and self-signed, as any TLS client may send: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1`.
const p256 = Buffer.from(
  'MIIBmDCCAT+gAwIBAgIURCPfFvnT+AVk73f2W6bGKS/cqxQwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXUzAxLVQxLT' +
    'AxMjM0NTY3ODlhYmNkZWYwHhcNMjYxMTIwMjMwNDAxWhcNMzYxMTE3MjMwNDAxWjAiMSAwHgYDVQQDDBdTMDEtVDEt' +
    'MDEyMzQ1Njc4OWFiY2RlZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKBjiAMNu0X9yPvYJPBFt2DJuoXv86ytW/' +
    'i8kRycfemDka5uEV4soE2Q7Hp10YC3pnudBoa7awVLVPt1fqH121ijUzBRMB0GA1UdDgQWBBQ7cee0gBoVtBwbEDIf' +
    'F0+aND3wmDAfBgNVHSMEGDAWgBQ7cee0gBoVtBwbEDIfF0+aND3wmDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BA' +
    'MCA0cAMEQCICp0SBm84y/iv0eyUl3ApKdhplZjfisbnmt9moyJheG3AiBG+k8kmUechCQNB9mrcEX6iQShTILLNTUV' +
    '19EXNeIjrw==',
  'base64',
);
const longAgoMs = Date.UTC(1990, 0, 1);

beforeAll(async () => {
  company = await SampleCompany.create('genuine');
  rogue = await SampleCompany.create('rogue');
  // Under the root itself, as the first version enrolled: what lies between is in `issuers.test.ts`.
  till = await company.terminal('S01', 'T1', company.root);
  life = await company.incarnationOf(till);
});

test('N9: a key names the device: the same for all of its lives, another for its replacement', async () => {
  const keyOf = (ders: readonly Uint8Array[]) => verifyChain(ders, company.caDer).terminalKey;
  const spki = createPublicKey(till.key).export({ type: 'spki', format: 'der' });
  expect(keyOf(life.chain)).toBe(createHash('sha256').update(spki).digest('hex'));
  expect(keyOf((await company.incarnationOf(till)).chain)).toBe(keyOf(life.chain));
  expect(keyOf((await company.incarnation('S01', 'T1')).chain)).not.toBe(keyOf(life.chain));
});

/** A certificate of any kind and name by this till's terminal key: what a stolen terminal key could write. */
async function byTerminal(
  subject: string,
  change: Partial<CertificatePlan> = {},
): Promise<Uint8Array> {
  const publicKey = createPublicKey(till.key);
  return writeCertificate({
    role: 'incarnation',
    subject,
    issuer: 'O=acme,OU=S01,CN=T1',
    subjectKey: newKeyPair(company.random).publicKey,
    issuerPublicKey: publicKey,
    issuerPrivateKey: till.key,
    nowMs: sampleNowMs,
    random: company.random,
    ...change,
  });
}

describe('a genuine chain', () => {
  test('names its incarnation and checks its signatures', () => {
    const chain = verifyChain(life.chain, company.caDer);
    expect(chain.principal).toBe(life.principal);
    expect(chain.identity).toEqual({ ...life.identity, store: 'S01', terminal: 'T1' });
    expect(chain.company).toBe('acme');
    const message = utf8.encode('a sale');
    const signature = life.signer(message);
    expect(chain.verify(message, signature)).toBe(true);
    expect(chain.verify(utf8.encode('a sale!'), signature)).toBe(false);
    expect(chain.verify(message, signature.subarray(1))).toBe(false);
  });

  test('lives for twenty years from two days ago', () => {
    const [incarnation, terminal] = life.chain.map((der) => new X509Certificate(der));
    for (const certificate of [incarnation, terminal]) {
      expect(certificate?.validFromDate.getTime()).toBe(sampleNowMs - 2 * 86_400_000);
      expect(certificate?.validToDate.getUTCFullYear()).toBe(2046);
    }
    expect(verifyChain(life.chain, company.caDer).notAfterMs).toBe(
      incarnation?.validToDate.getTime(),
    );
  });

  test.each([
    ['expired long ago', longAgoMs],
    ['begun by a clock that was reset to 1970', 0],
    ['begun 400 days in the future', sampleNowMs + 400 * 86_400_000],
    ['begun in 2090, past the year 2050 where the form of dates changes', Date.UTC(2090, 0, 1)],
  ])('P2: is trusted when it is %s', async (_, nowMs) => {
    const chain = (await company.incarnationOf(till, nowMs)).chain;
    expect(verifyChain(chain, company.caDer).identity.terminal).toBe('T1');
  });

  test('two lives of one terminal have their own names and keys', async () => {
    const other = await company.incarnationOf(till);
    expect(other.principal).not.toBe(life.principal);
    const message = utf8.encode('x');
    expect(verifyChain(other.chain, company.caDer).verify(message, life.signer(message))).toBe(
      false,
    );
  });
});

describe('a chain that is not ours', () => {
  test('by a rogue CA of the same name is untrusted, expired or not', async () => {
    const fresh = await rogue.incarnation('S01', 'T1');
    const past = await SampleCompany.create('rogue of the past', longAgoMs);
    const expired = await past.incarnation('S01', 'T1');
    for (const { chain } of [fresh, expired])
      expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test('with an own terminal certificate below a rogue one is untrusted', async () => {
    const stranger = await rogue.incarnation('S01', 'T1');
    const mixed = [stranger.chain[0], life.chain[1]].filter((der) => der !== undefined);
    expect(verdictOf(() => verifyChain(mixed, company.caDer))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test('of another terminal that signs this principal is untrusted', async () => {
    for (const subject of ['CN=S02-T1-0123456789abcdef', 'CN=S01-T2-0123456789abcdef']) {
      const chain = [await byTerminal(subject), till.certificateDer];
      expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe('CERTIFICATE_UNTRUSTED');
    }
  });

  test('in the wrong order, cut or lengthened is refused', () => {
    const [incarnation, terminal] = life.chain;
    if (!incarnation || !terminal) throw new Error('no chain');
    const cases: [Uint8Array[], ErrorCode][] = [
      [[], 'CERTIFICATE_MALFORMED'],
      [[incarnation], 'CERTIFICATE_MALFORMED'],
      [[terminal], 'CERTIFICATE_MALFORMED'],
      [[incarnation, terminal, company.caDer], 'CERTIFICATE_MALFORMED'],
      [[terminal, incarnation], 'CERTIFICATE_UNTRUSTED'],
      [[incarnation, incarnation], 'CERTIFICATE_UNTRUSTED'],
      [[terminal, company.caDer], 'CERTIFICATE_MALFORMED'],
      [[incarnation, company.caDer], 'CERTIFICATE_MALFORMED'],
    ];
    for (const [chain, code] of cases)
      expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe(code);
  });

  test('whose incarnation signs a further one is untrusted: an incarnation is no CA', async () => {
    const key = privateKeyFromPem(life.keyPem);
    const below = await byTerminal('CN=S01-T1-0123456789abcdef', {
      issuer: `CN=${life.principal}`,
      issuerPrivateKey: key,
      issuerPublicKey: createPublicKey(key),
    });
    const chain = [below, life.chain[0] ?? below];
    expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test.each<[string, string, Partial<CertificatePlan>]>([
    ['names no principal', 'CN=T1', {}],
    ['hides its principal behind another part', 'OU=x,CN=S01-T1-0123456789abcdef', {}],
    ['is a CA itself', 'CN=S01-T1-0123456789abcdef', { role: 'terminal' }],
    ['is a CA without limit', 'CN=S01-T1-0123456789abcdef', { role: 'authority' }],
  ])('that %s is malformed', async (_, subject, change) => {
    const chain = [await byTerminal(subject, change), till.certificateDer];
    expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe('CERTIFICATE_MALFORMED');
  });

  test('that names an issuer who did not sign it is untrusted', async () => {
    const issuer = 'O=acme,OU=S01,CN=T9';
    const chain = [await byTerminal('CN=S01-T1-0123456789abcdef', { issuer }), till.certificateDer];
    expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test.each<[string, Partial<CertificatePlan>, ErrorCode | 'accepted']>([
    ['in order', {}, 'accepted'],
    ['a CA of more than incarnations', { role: 'authority' }, 'CERTIFICATE_MALFORMED'],
    ['no CA', { role: 'incarnation' }, 'CERTIFICATE_MALFORMED'],
    ['of another company', { subject: 'O=other,OU=S01,CN=T1' }, 'CERTIFICATE_MALFORMED'],
    ['of no store', { subject: 'O=acme,CN=T1' }, 'CERTIFICATE_MALFORMED'],
    ['by another name of the CA', { issuer: 'O=acme,CN=CA' }, 'CERTIFICATE_UNTRUSTED'],
  ])('whose terminal certificate is %s, signed by the CA itself', async (_, change, code) => {
    const caKey = privateKeyFromPem(company.root.privateKeyPem());
    const terminalDer = await writeCertificate({
      role: 'terminal',
      subject: 'O=acme,OU=S01,CN=T1',
      issuer: 'O=acme,CN=Tillmesh CA',
      subjectKey: createPublicKey(till.key),
      issuerPublicKey: createPublicKey(caKey),
      issuerPrivateKey: caKey,
      nowMs: sampleNowMs,
      random: company.random,
      ...change,
    });
    const issuer = change.subject ?? 'O=acme,OU=S01,CN=T1';
    const chain = [await byTerminal('CN=S01-T1-0123456789abcdef', { issuer }), terminalDer];
    expect(verdictOf(() => verifyChain(chain, company.caDer))).toBe(code);
  });

  test('with another kind of key is malformed', () => {
    expect(
      verdictOf(() => verifyChain([new Uint8Array(p256), till.certificateDer], company.caDer)),
    ).toBe('CERTIFICATE_MALFORMED');
  });

  test('as PEM, with bytes behind it, or larger than any of ours is malformed', () => {
    const [incarnation, terminal] = life.chain;
    if (!incarnation || !terminal) throw new Error('no chain');
    const longer = new Uint8Array([...incarnation, 0]);
    const huge = new Uint8Array(limits.certificateBytes + 1).fill(0x30);
    const caPem = utf8.encode(pemOf(company.caDer));
    expect(verdictOf(() => verifyChain(life.chain, caPem))).toBe('CERTIFICATE_MALFORMED');
    for (const first of [utf8.encode(pemOf(incarnation)), longer, huge, new Uint8Array()])
      expect(verdictOf(() => verifyChain([first, terminal], company.caDer))).toBe(
        'CERTIFICATE_MALFORMED',
      );
  });

  test('with any byte changed is refused, and never by another error', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
        const chain = life.chain.map((der) => der.slice());
        const der = chain[which] ?? new Uint8Array(1);
        der[at % der.length] = (der[at % der.length] ?? 0) ^ flip;
        expect(verdictOf(() => verifyChain(chain, company.caDer))).toMatch(/^CERTIFICATE_/);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});

describe('the cache of verified chains', () => {
  test('gives the same verdicts and stays within its bound', async () => {
    const cache = new ChainCache(company.caDer, 2);
    const lives = [life, await company.incarnationOf(till), await company.incarnationOf(till)];
    const first = cache.verify(life.chain);
    expect(cache.verify(life.chain.map((der) => der.slice()))).toBe(first);
    for (const { chain, principal } of lives) expect(cache.verify(chain).principal).toBe(principal);
    expect(cache.size).toBe(2);
    expect(cache.verify(life.chain)).not.toBe(first);
  });

  test('remembers no bad chain', async () => {
    const cache = new ChainCache(company.caDer);
    const { chain } = await rogue.incarnation('S01', 'T1');
    for (let i = 0; i < 3; i++)
      expect(verdictOf(() => cache.verify(chain))).toBe('CERTIFICATE_UNTRUSTED');
    expect(cache.size).toBe(0);
  });
});

test('certificates are repeatable from their seed, so that a simulation is', async () => {
  const again = await SampleCompany.create('genuine');
  expect(equalBytes(again.caDer, company.caDer)).toBe(true);
  expect(equalBytes(rogue.caDer, company.caDer)).toBe(false);
  expect(seededBytes('a')(40)).toEqual(seededBytes('a')(40));
});
