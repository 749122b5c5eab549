/**
 * A till that enrols others while head office is away: its terminal key signs, and a certificate of the company says
 * for which terminals. No second key: whoever revokes the terminal's takes away what it enrolled, too.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import type { TerminalIssuer, TerminalRequest } from './authority.ts';
import { writeCertificate } from './certificate-builder.ts';
import { enrollerSubject, isWithin, terminalSubject, type Enroller } from './certificate-names.ts';
import { verifyEnroller } from './chain.ts';
import { samePublicKey } from './keys.ts';

export class TillIssuer implements TerminalIssuer {
  readonly company: string;
  readonly certificateDer: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  readonly range: Enroller;
  readonly #key: KeyObject;

  /**
   * `issuers` is [the till's certificate as such, …the company's].
   * Throws CERTIFICATE_UNTRUSTED or CERTIFICATE_MALFORMED where they are not, or of another key.
   */
  constructor(parts: {
    readonly caDer: Uint8Array;
    readonly issuers: readonly Uint8Array[];
    readonly terminalKey: KeyObject;
  }) {
    const { company, ...range } = verifyEnroller(parts.issuers, parts.caDer);
    const [own] = parts.issuers;
    if (!own || !samePublicKey(new X509Certificate(own).publicKey, parts.terminalKey))
      throw new TillmeshError('CERTIFICATE_MALFORMED', 'another till’s right to enrol');
    this.company = company;
    this.certificateDer = parts.caDer;
    this.issuers = parts.issuers;
    this.range = range;
    this.#key = parts.terminalKey;
  }

  /** Throws INPUT_INVALID for a terminal that is not in the range: nobody would take its certificate. */
  async issueTerminal({ store, terminal, ...request }: TerminalRequest): Promise<Uint8Array> {
    const { company, range } = this;
    if (store !== range.store || !isWithin(terminal, range))
      throw new TillmeshError(
        'INPUT_INVALID',
        `${store}-${terminal} is not for this till to enrol`,
      );
    return writeCertificate({
      role: 'terminal',
      subject: terminalSubject(company, store, terminal),
      issuer: enrollerSubject(company, range),
      subjectKey: request.publicKey,
      issuerPublicKey: createPublicKey(this.#key),
      issuerPrivateKey: this.#key,
      nowMs: request.nowMs,
      random: request.random,
    });
  }
}
