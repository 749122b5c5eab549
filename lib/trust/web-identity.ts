/**
 * A till's own part of the trust in its screens: a key that never leaves it, head office's certificate for that key,
 * and the leaves that it signs. One file; a leaf and its key are in memory only, because another one costs nothing.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import type { CertificateChance } from './authority.ts';
import type { LanNames } from './lan-names.ts';
import { joinPem, openKeys, splitPem } from './key-seal.ts';
import { privateKeyPem } from './keys.ts';
import { certificatesOf, pemOf } from './pem.ts';
import {
  isIssuedBy,
  readWebCertificate,
  subjectLines,
  webLeafMs,
  webLeafSubject,
  webRootSubject,
  webTillSubject,
  writeWebCertificate,
} from './web-certificates.ts';
import { newWebKeyPair, webKeyFromPem } from './web-key.ts';

export type WebTerminal = {
  readonly company: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
};

/** What head office answers with: [the till's, the root], DER. */
export type WebIssued = { readonly certificateDer: Uint8Array; readonly rootDer: Uint8Array };

export type WebLeaf = {
  readonly names: LanNames;
  readonly certificate: X509Certificate;
  /** As TLS wants them: the leaf, then the till's; the root is what the other end has. */
  readonly chainPem: string;
  readonly keyPem: string;
};

/** What a closed key is bound to. */
const webIdentityName = 'lan-screens.pem';

export class WebIdentity {
  readonly terminal: WebTerminal;
  readonly rootDer: Uint8Array;
  /** The till's, by which it signs its leaves. */
  readonly certificate: X509Certificate;
  readonly #key: KeyObject;

  /** Throws CERTIFICATE_MALFORMED where it is not what this till asked for. */
  constructor(terminal: WebTerminal, { certificateDer, rootDer }: WebIssued, key: KeyObject) {
    const [certificate, root] = [certificateDer, rootDer].map(readWebCertificate);
    const isOurs =
      certificate?.ca === true &&
      root?.ca === true &&
      root.subject === subjectLines(webRootSubject(terminal.company)) &&
      certificate.subject === subjectLines(webTillSubject(terminal)) &&
      isIssuedBy(root, root) &&
      isIssuedBy(certificate, root) &&
      certificate.publicKey.equals(createPublicKey(key));
    if (!certificate || !isOurs)
      throw new TillmeshError('CERTIFICATE_MALFORMED', 'not for the screens of this till');
    this.terminal = terminal;
    this.rootDer = rootDer;
    this.certificate = certificate;
    this.#key = key;
  }

  /** A new leaf with a new key for what the till is called now. */
  async leaf(names: LanNames, { random, nowMs }: CertificateChance): Promise<WebLeaf> {
    const { privateKey, publicKey } = newWebKeyPair(random);
    const der = await writeWebCertificate({
      role: 'leaf',
      subject: webLeafSubject(this.terminal),
      issuer: webTillSubject(this.terminal),
      subjectKey: publicKey,
      issuerPublicKey: createPublicKey(this.#key),
      issuerPrivateKey: this.#key,
      nowMs,
      notAfterMs: Math.min(nowMs + webLeafMs, this.certificate.validToDate.getTime()),
      random,
      names,
    });
    return {
      names,
      certificate: readWebCertificate(der),
      chainPem: pemOf(der, new Uint8Array(this.certificate.raw)),
      keyPem: privateKeyPem(privateKey),
    };
  }

  pem(keys = openKeys): string {
    const certificates = pemOf(new Uint8Array(this.certificate.raw), this.rootDer);
    return joinPem(keys, webIdentityName, privateKeyPem(this.#key), certificates);
  }
}

/** Undefined where there is none yet. One that is damaged, or of another enrolment, is none: head office gives another. */
export function readWebIdentity(
  disk: Disk,
  path: string,
  terminal: WebTerminal,
  keys = openKeys,
): WebIdentity | undefined {
  const bytes = disk.read(path);
  if (!bytes) return undefined;
  const text = new TextDecoder().decode(bytes);
  try {
    const { keyPem, certificatePem } = splitPem(keys, webIdentityName, text);
    const [certificateDer, rootDer] = certificatesOf(certificatePem);
    if (!certificateDer || !rootDer) return undefined;
    return new WebIdentity(terminal, { certificateDer, rootDer }, webKeyFromPem(keyPem));
  } catch (error) {
    if (isTillmeshError(error, 'FILE_DAMAGED') || isTillmeshError(error, 'CERTIFICATE_MALFORMED'))
      return undefined;
    throw error;
  }
}

export const saveWebIdentity = (
  disk: Disk,
  path: string,
  identity: WebIdentity,
  keys = openKeys,
): void => writeAtomically(disk, path, new TextEncoder().encode(identity.pem(keys)));
