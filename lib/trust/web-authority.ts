/**
 * The company's web root: what phones and tablets are told to trust, and what signs each till's certificate for its
 * screens. Made at head office at its first need and kept beside the issuing key, in one file.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import type { CertificateChance } from './authority.ts';
import { companyShape } from './certificate-names.ts';
import { closeIfRoom, isSealed, joinPem, openKeys, splitPem } from './key-seal.ts';
import { privateKeyPem } from './keys.ts';
import { certificatesOf, pemOf } from './pem.ts';
import {
  isIssuedBy,
  readWebCertificate,
  subjectLines,
  webRootMs,
  webRootSubject,
  webTillMs,
  webTillSubject,
  writeWebCertificate,
} from './web-certificates.ts';
import { newWebKeyPair, webKeyFromPem } from './web-key.ts';

export type WebTillRequest = CertificateChance & {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly publicKey: KeyObject;
};

/** In the relay's data directory; the disk makes files for their owner only. */
export const webRootFile = 'web-root.pem';

export class WebAuthority {
  readonly company: string;
  readonly rootDer: Uint8Array;
  readonly #key: KeyObject;

  private constructor(company: string, rootDer: Uint8Array, key: KeyObject) {
    this.company = company;
    this.rootDer = rootDer;
    this.#key = key;
  }

  static async create(company: string, chance: CertificateChance): Promise<WebAuthority> {
    if (!companyShape.test(company)) throw new TillmeshError('INPUT_INVALID', 'company name');
    const { privateKey, publicKey } = newWebKeyPair(chance.random);
    const subject = webRootSubject(company);
    const der = await writeWebCertificate({
      role: 'root',
      subject,
      issuer: subject,
      subjectKey: publicKey,
      issuerPublicKey: publicKey,
      issuerPrivateKey: privateKey,
      notAfterMs: chance.nowMs + webRootMs,
      ...chance,
    });
    return new WebAuthority(company, der, privateKey);
  }

  /** Throws FILE_DAMAGED where it is not this company's root with its key. */
  static open(company: string, text: string, keys = openKeys): WebAuthority {
    const { keyPem, certificatePem } = splitPem(keys, webRootFile, text);
    const key = webKeyFromPem(keyPem);
    const [der, ...more] = certificatesOf(certificatePem);
    try {
      const root = readWebCertificate(der ?? new Uint8Array());
      const isOurs =
        more.length === 0 &&
        root.subject === subjectLines(webRootSubject(company)) &&
        isIssuedBy(root, root) &&
        root.publicKey.equals(createPublicKey(key));
      if (der && isOurs) return new WebAuthority(company, der, key);
    } catch (error) {
      // A damaged file of one's own, not a stranger's certificate.
      if (!isTillmeshError(error, 'CERTIFICATE_MALFORMED')) throw error;
    }
    throw new TillmeshError('FILE_DAMAGED', webRootFile);
  }

  /** For the file of the relay that keeps it. */
  pem(keys = openKeys): string {
    return joinPem(keys, webRootFile, privateKeyPem(this.#key), pemOf(this.rootDer));
  }

  /** The certificate (DER) with which the holder of `publicKey`'s private half signs the leaves of its own pages. */
  issueTill({ store, terminal, publicKey, ...chance }: WebTillRequest): Promise<Uint8Array> {
    const { company } = this;
    const rootEnds = readWebCertificate(this.rootDer).validToDate.getTime();
    return writeWebCertificate({
      role: 'till',
      subject: webTillSubject({ company, store, terminal }),
      issuer: webRootSubject(company),
      subjectKey: publicKey,
      issuerPublicKey: createPublicKey(this.#key),
      issuerPrivateKey: this.#key,
      notAfterMs: Math.min(chance.nowMs + webTillMs, rootEnds),
      ...chance,
    });
  }
}

/**
 * The one of this relay's directory, made where there is none: another root than before, where that file was lost, and
 * phones have to trust it anew. Throws FILE_DAMAGED, and as the disk does.
 */
export async function ownWebAuthority(
  disk: Disk,
  directory: string,
  company: string,
  chance: CertificateChance,
  keys = openKeys,
): Promise<WebAuthority> {
  const path = join(directory, webRootFile);
  const bytes = disk.read(path);
  if (bytes) {
    const text = new TextDecoder().decode(bytes);
    const kept = WebAuthority.open(company, text, keys);
    // One that lay open is closed. The relay says so where there is no room for that, of its other keys.
    if (keys.isSealing && !isSealed(text))
      closeIfRoom(
        () => {
          writeAtomically(disk, path, new TextEncoder().encode(kept.pem(keys)));
          return true;
        },
        () => undefined,
      );
    return kept;
  }
  const made = await WebAuthority.create(company, chance);
  writeAtomically(disk, path, new TextEncoder().encode(made.pem(keys)));
  return made;
}
