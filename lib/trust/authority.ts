/**
 * The company's CA: made by the relay at its first start, it signs the terminals' certificates and nothing else.
 * Its private key never leaves head office.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import { isStoreId, isTerminalId, type StoreId, type TerminalId } from '../domain/ids.ts';
import { toHex } from '../journal/bytes.ts';
import { writeCertificate } from './certificate-builder.ts';
import { newKeyPair, privateKeyFromPem, privateKeyPem, type RandomBytes } from './keys.ts';
import { pemOf } from './pem.ts';

/** Names a company in its certificates: short, and of characters that X.509 names never escape. */
export const companyShape = /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/;

/** Subjects as they are written into certificates. Frozen: a certificate issued once must verify for ever. */
export const authoritySubject = (company: string): string => `O=${company},CN=Tillmesh CA`;
export const terminalSubject = (company: string, store: StoreId, terminal: TerminalId): string =>
  `O=${company},OU=${store},CN=${terminal}`;

export class Authority {
  readonly company: string;
  readonly certificateDer: Uint8Array;
  readonly #key: KeyObject;

  private constructor(company: string, certificateDer: Uint8Array, key: KeyObject) {
    this.company = company;
    this.certificateDer = certificateDer;
    this.#key = key;
  }

  /** A new CA. Where no `company` is given it gets a random name: the name only has to differ from other companies'. */
  static async create(options: {
    readonly company?: string;
    readonly random: RandomBytes;
    readonly nowMs: number;
  }): Promise<Authority> {
    const company = options.company ?? `company-${toHex(options.random(8))}`;
    if (!companyShape.test(company)) throw new TillmeshError('INPUT_INVALID', 'company name');
    const { privateKey, publicKey } = newKeyPair(options.random);
    const subject = authoritySubject(company);
    const der = await writeCertificate({
      role: 'authority',
      subject,
      issuer: subject,
      subjectKey: publicKey,
      issuerPublicKey: publicKey,
      issuerPrivateKey: privateKey,
      nowMs: options.nowMs,
      random: options.random,
    });
    return new Authority(company, der, privateKey);
  }

  /** From its files. Throws FILE_DAMAGED where certificate and key are not a CA's, or not each other's. */
  static open(files: { readonly certificatePem: string; readonly keyPem: string }): Authority {
    const key = privateKeyFromPem(files.keyPem);
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(files.certificatePem);
    } catch (cause) {
      throw new TillmeshError('FILE_DAMAGED', 'CA certificate', { cause });
    }
    const company = companyOf(certificate);
    if (company === undefined || !certificate.publicKey.equals(createPublicKey(key)))
      throw new TillmeshError('FILE_DAMAGED', 'CA certificate and key do not fit');
    return new Authority(company, new Uint8Array(certificate.raw), key);
  }

  get certificatePem(): string {
    return pemOf(this.certificateDer);
  }

  /** For the file of the relay that keeps the CA; nothing else may ask for it. */
  privateKeyPem(): string {
    return privateKeyPem(this.#key);
  }

  /** The certificate (DER) by which the holder of `publicKey`'s private half may begin incarnations of this terminal. */
  async issueTerminal(request: {
    readonly store: StoreId;
    readonly terminal: TerminalId;
    readonly publicKey: KeyObject;
    readonly random: RandomBytes;
    readonly nowMs: number;
  }): Promise<Uint8Array> {
    return writeCertificate({
      role: 'terminal',
      subject: terminalSubject(this.company, request.store, request.terminal),
      issuer: authoritySubject(this.company),
      subjectKey: request.publicKey,
      issuerPublicKey: createPublicKey(this.#key),
      issuerPrivateKey: this.#key,
      nowMs: request.nowMs,
      random: request.random,
    });
  }
}

/** The company that a CA certificate names, or undefined where it is not one of ours: form, key, own signature. */
export function companyOf(ca: X509Certificate): string | undefined {
  const company = /^O=(.+)\nCN=Tillmesh CA$/.exec(ca.subject)?.[1];
  const genuine =
    company !== undefined &&
    companyShape.test(company) &&
    ca.ca &&
    ca.publicKey.asymmetricKeyType === 'ed25519' &&
    ca.checkIssued(ca) &&
    ca.verify(ca.publicKey);
  return genuine ? company : undefined;
}

/** Of Node's form of a terminal certificate's subject; undefined for any other subject. */
export function readTerminalSubject(
  subject: string,
): { company: string; store: StoreId; terminal: TerminalId } | undefined {
  const [, company, store, terminal] =
    /^O=([A-Za-z0-9-]+)\nOU=([A-Z0-9]+)\nCN=([A-Z0-9]+)$/.exec(subject) ?? [];
  if (company === undefined || !isStoreId(store) || !isTerminalId(terminal)) return undefined;
  return { company, store, terminal };
}
