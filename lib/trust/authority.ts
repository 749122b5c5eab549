/**
 * Who signs the certificates of terminals: the company's root, made by the relay at its first start, or a key that the
 * root has signed to issue in its place. The root's own key is needed for that alone (`root-key.ts`).
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { toHex } from '../journal/bytes.ts';
import { writeCertificate, type CertificatePlan } from './certificate-builder.ts';
import {
  authoritySubject,
  companyShape,
  enrollerSubject,
  issuingSubject,
  terminalSubject,
  type Enroller,
} from './certificate-names.ts';
import { verifyAuthority } from './chain.ts';
import { newKeyPair, privateKeyFromPem, privateKeyPem, type RandomBytes } from './keys.ts';
import { certificatesOf, pemOf } from './pem.ts';

/** Whoever signs certificates of terminals: the company, or a till with a range of its own. */
export type TerminalIssuer = {
  readonly company: string;
  /** The company's root certificate, by which every till knows the company. */
  readonly certificateDer: Uint8Array;
  /** What leads from its terminals to the root, the issuer's own certificate first; nothing where it is the root itself. */
  readonly issuers: readonly Uint8Array[];
  /** The certificate (DER) by which the holder of `publicKey`'s private half may begin incarnations of this terminal. */
  issueTerminal(request: TerminalRequest): Promise<Uint8Array>;
};

export type TerminalRequest = CertificateChance & {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly publicKey: KeyObject;
};

/** What every certificate takes beside what it says. */
export type CertificateChance = Pick<CertificatePlan, 'random' | 'nowMs'>;

export class Authority implements TerminalIssuer {
  readonly company: string;
  readonly certificateDer: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  readonly #key: KeyObject;

  private constructor(
    company: string,
    [certificateDer, ...issuers]: readonly [root: Uint8Array, ...issuers: Uint8Array[]],
    key: KeyObject,
  ) {
    this.company = company;
    this.certificateDer = certificateDer;
    this.issuers = issuers;
    this.#key = key;
  }

  /** A new root. Where no `company` is given it gets a random name: the name only has to differ from other companies'. */
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
    return new Authority(company, [der], privateKey);
  }

  /**
   * From its files; `certificatePem` holds [root], or [issuing, root].
   * Throws FILE_DAMAGED where certificates and key are not a company's, or not each other's.
   */
  static open(files: { readonly certificatePem: string; readonly keyPem: string }): Authority {
    const key = privateKeyFromPem(files.keyPem);
    const ders = certificatesOf(files.certificatePem);
    const [own, root] = [ders[0], ders.at(-1)];
    if (own === undefined || root === undefined)
      throw new TillmeshError('FILE_DAMAGED', 'CA certificate');
    let company: string;
    try {
      company = verifyAuthority(ders);
    } catch (cause) {
      throw new TillmeshError('FILE_DAMAGED', 'CA certificate', { cause });
    }
    if (!new X509Certificate(own).publicKey.equals(createPublicKey(key)))
      throw new TillmeshError('FILE_DAMAGED', 'CA certificate and key do not fit');
    return new Authority(company, [root, ...ders.slice(0, -1)], key);
  }

  /** [root], or [issuing, root]. */
  get certificatePem(): string {
    return pemOf(...this.issuers, this.certificateDer);
  }

  get isRoot(): boolean {
    return this.issuers.length === 0;
  }

  /** For the file of the relay that keeps it; nothing else may ask for it. */
  privateKeyPem(): string {
    return privateKeyPem(this.#key);
  }

  /** A new key of the company that issues in the root's place. Throws INVARIANT where this is not the root. */
  async delegate(chance: CertificateChance): Promise<Authority> {
    if (!this.isRoot) throw new TillmeshError('INVARIANT', 'only the root makes issuing keys');
    const { privateKey, publicKey } = newKeyPair(chance.random);
    const subject = issuingSubject(this.company);
    const der = await this.#issue('issuing', subject, publicKey, chance);
    return new Authority(this.company, [this.certificateDer, der], privateKey);
  }

  async issueTerminal({
    store,
    terminal,
    publicKey,
    ...chance
  }: TerminalRequest): Promise<Uint8Array> {
    const subject = terminalSubject(this.company, store, terminal);
    return this.#issue('terminal', subject, publicKey, chance);
  }

  /** The certificate (DER) by which the holder of `publicKey`'s private half may enrol the terminals of this range. */
  async issueEnroller(
    enroller: Enroller,
    { publicKey, ...chance }: CertificateChance & { readonly publicKey: KeyObject },
  ): Promise<Uint8Array> {
    return this.#issue('enroller', enrollerSubject(this.company, enroller), publicKey, chance);
  }

  #issue(
    role: CertificatePlan['role'],
    subject: string,
    subjectKey: KeyObject,
    { random, nowMs }: CertificateChance,
  ): Promise<Uint8Array> {
    return writeCertificate({
      role,
      subject,
      issuer: this.isRoot ? authoritySubject(this.company) : issuingSubject(this.company),
      subjectKey,
      issuerPublicKey: createPublicKey(this.#key),
      issuerPrivateKey: this.#key,
      nowMs,
      random,
    });
  }
}
