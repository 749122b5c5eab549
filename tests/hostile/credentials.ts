/** What somebody may show who wants a link: certificates of a company or of nobody, in every wrong order. */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Authority } from '#lib/trust/authority.ts';
import { writeCertificate, type CertificateRole } from '#lib/trust/certificate-builder.ts';
import { issuingSubject } from '#lib/trust/certificate-names.ts';
import { issueIncarnation, type NewIncarnation } from '#lib/trust/incarnation.ts';
import { newKeyPair, privateKeyFromPem, privateKeyPem } from '#lib/trust/keys.ts';
import { pemOf } from '#lib/trust/pem.ts';
import { SampleCompany, type SampleTerminal } from '#lib/trust/sample-company.ts';
import { store } from '../simulation/goods.ts';

/** What a TLS end is made of, and what it is called. */
export type Shown = {
  readonly what: string;
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
};

const name = (company: string, terminal: string): string =>
  `O=${company},OU=${store},CN=${terminal}`;
const shown = (
  what: string,
  { chain, keyPem }: NewIncarnation,
  more: readonly Uint8Array[] = [],
): Shown => ({
  what,
  chain: [...chain, ...more],
  key: privateKeyFromPem(keyPem),
});

export const pemsOf = ({ chain, key }: Shown) => ({
  caPem: '',
  chainPem: pemOf(...chain),
  keyPem: privateKeyPem(key),
});

/** Strangers, and members who show what is not theirs to show: none of them gets a link. */
export async function strangers(company: SampleCompany): Promise<Shown[]> {
  const random = company.random;
  const nowMs = company.nowMs;
  const member = await company.terminal(store, 'T80');
  const life = await company.incarnationOf(member);
  const other = await company.terminal(store, 'T81');
  const rogue = await SampleCompany.create('rogue');
  const over = await SampleCompany.create('rogue of 2001', Date.UTC(2001, 0, 1));
  const rogueLife = await rogue.incarnation(store, 'T2');
  const issuing = company.authority.issuers;

  /** A certificate that this terminal's key signs, of any kind and name. */
  const by = async (terminal: SampleTerminal, role: CertificateRole, subject: string) => {
    const { privateKey, publicKey } = newKeyPair(random);
    const der = await writeCertificate({
      role,
      subject,
      issuer: name('acme', terminal.terminal),
      subjectKey: publicKey,
      issuerPublicKey: createPublicKey(terminal.key),
      issuerPrivateKey: terminal.key,
      nowMs,
      random,
    });
    return { chain: [der, terminal.certificateDer, ...terminal.issuers], key: privateKey };
  };
  const lifeName = (terminal: string) => `CN=${store}-${terminal}-0123456789abcdef`;
  const belowLife = async (): Promise<Shown> => {
    const signer = privateKeyFromPem(life.keyPem);
    const { privateKey, publicKey } = newKeyPair(random);
    const der = await writeCertificate({
      role: 'incarnation',
      subject: lifeName('T80'),
      issuer: `CN=${life.principal}`,
      subjectKey: publicKey,
      issuerPublicKey: createPublicKey(signer),
      issuerPrivateKey: signer,
      nowMs,
      random,
    });
    return {
      what: 'a certificate by an incarnation',
      chain: [der, ...life.chain],
      key: privateKey,
    };
  };
  // Issuer and key ids say that somebody signed who did not: only the signature tells.
  const forged = async (
    what: string,
    issuer: { readonly subject: string; readonly publicKey: KeyObject },
    role: CertificateRole,
    subject: string,
  ) => {
    const { privateKey, publicKey } = newKeyPair(random);
    const der = await writeCertificate({
      role,
      subject,
      issuer: issuer.subject,
      subjectKey: publicKey,
      issuerPublicKey: issuer.publicKey,
      issuerPrivateKey: newKeyPair(random).privateKey,
      nowMs,
      random,
    });
    return { what, der, key: privateKey };
  };
  const forgedLife = await forged(
    'a life with the ids of a genuine terminal and another’s signature',
    { subject: name('acme', 'T80'), publicKey: createPublicKey(member.key) },
    'incarnation',
    lifeName('T80'),
  );
  const issuingKey = new X509Certificate(first(issuing)).publicKey;
  const forgedTerminal = await forged(
    '',
    { subject: issuingSubject('acme'), publicKey: issuingKey },
    'terminal',
    name('acme', 'T82'),
  );
  const belowForged = await issueIncarnation({
    caDer: company.caDer,
    terminalDer: forgedTerminal.der,
    issuers: issuing,
    terminalKey: forgedTerminal.key,
    random,
    nowMs,
  });
  const otherCompany = await Authority.create({ company: 'another', random, nowMs });
  const foreign = async (): Promise<Shown> => {
    const { privateKey, publicKey } = newKeyPair(random);
    const terminalDer = await otherCompany.issueTerminal({
      store,
      terminal: member.terminal,
      publicKey,
      random,
      nowMs,
    });
    const caDer = otherCompany.certificateDer;
    const made = { caDer, terminalDer, issuers: [], terminalKey: privateKey, random, nowMs };
    return shown('another company', await issueIncarnation(made));
  };

  return [
    await foreign(),
    shown('the right names under a CA of one’s own', rogueLife),
    shown('the same, and its CA sent along', rogueLife, [rogue.caDer]),
    shown('the same, and our own CA sent along', rogueLife, [company.caDer]),
    shown('an expired leaf of a CA of one’s own', await over.incarnation(store, 'T2')),
    {
      ...shown('a leaf of one’s own above genuine issuers', rogueLife),
      chain: [first(rogueLife.chain), ...life.chain.slice(1)],
    },
    {
      what: 'a terminal’s key as an incarnation',
      chain: [member.certificateDer, ...issuing],
      key: member.key,
    },
    {
      what: 'terminal and incarnation swapped',
      chain: [member.certificateDer, first(life.chain), ...issuing],
      key: member.key,
    },
    { ...shown('no terminal’s certificate', life), chain: [first(life.chain), ...issuing] },
    { ...shown('no issuing certificate', life), chain: life.chain.slice(0, 2) },
    { ...shown('the leaf alone', life), chain: life.chain.slice(0, 1) },
    { what: 'a leaf that says it is a CA', ...(await by(member, 'terminal', lifeName('T80'))) },
    { what: 'a life of another terminal', ...(await by(other, 'incarnation', lifeName('T80'))) },
    {
      what: 'a life of head office',
      ...(await by(member, 'incarnation', 'CN=HQ-HQ1-0123456789abcdef')),
    },
    { what: 'a terminal by a terminal', ...(await by(member, 'terminal', name('acme', 'T82'))) },
    await belowLife(),
    { ...forgedLife, chain: [forgedLife.der, ...life.chain.slice(1)] },
    shown('a terminal with the ids of the issuing key and another’s signature', belowForged),
  ];
}

/** Members with odd papers: who they are is as sure as of any other, so they get a link. */
export async function oddMembers(company: SampleCompany, seed: string): Promise<Shown[]> {
  const over = await SampleCompany.create(seed, Date.UTC(2001, 0, 1));
  const early = await SampleCompany.create(seed, Date.UTC(2099, 0, 1));
  const rogue = await SampleCompany.create('rogue');
  const [a, b] = [await company.incarnation(store, 'T85'), await company.incarnation(store, 'T86')];
  return [
    shown(
      'every certificate from root to leaf over since 2021',
      await over.incarnation(store, 'T83'),
    ),
    shown('none of them valid before 2099', await early.incarnation(store, 'T84')),
    shown('certificates of strangers behind the chain', a, [
      rogue.caDer,
      ...rogue.authority.issuers,
    ]),
    shown('the chain twice', b, b.chain),
  ];
}

function first(chain: readonly Uint8Array[]): Uint8Array {
  const [der] = chain;
  if (!der) throw new Error('no certificate');
  return der;
}
