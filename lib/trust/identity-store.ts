/**
 * Who this till is, as files in `<DATA>/identity/`: what head office gave it, and the key of the incarnation that lives.
 * Keeps one incarnation's key at a time: a life that has ended must not be extended, so its key goes and its chain stays.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { Identity, IncarnationId, Principal, SeriesLetter } from '../domain/ids.ts';
import type { Signer } from '../journal/envelope.ts';
import { makeDirectoryDurably, syncOrFail, writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { refused } from '../storage/disk-errors.ts';
import { verifyChain, verifyTerminal } from './chain.ts';
import type { Enrolled } from './enrolment.ts';
import {
  currentBytes,
  enrolmentBytes,
  lifeBytes,
  readCurrent,
  readEnrolment,
  readLife,
  type PastIncarnation,
  type StoredIncarnation,
  type StoredBinding,
  type StoredEnrolment,
} from './identity-files.ts';
import type { TlsCredentials } from './incarnation.ts';
import { isSealed, openKeys, type KeysAtRest } from './key-seal.ts';
import { privateKeyFromPem, privateKeyPem, signerOf } from './keys.ts';
import { certificatesOf, pemOf } from './pem.ts';

export type EnrolledTerminal = Enrolled &
  Pick<StoredEnrolment, 'binding'> & { readonly terminalKey: KeyObject };

/** The incarnation that lives here, ready to sign and to connect. */
export type LivingIncarnation = StoredIncarnation & {
  readonly identity: Identity;
  readonly principal: Principal;
  readonly credentials: TlsCredentials;
  readonly signer: Signer;
};

const utf8 = new TextEncoder();

export class IdentityStore {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #keys: KeysAtRest;

  /** @param directory `<DATA>/identity`; made at the first write. The disk makes files for their owner only. */
  constructor(disk: Disk, directory: string, keys: KeysAtRest = openKeys) {
    this.#disk = disk;
    this.#directory = directory;
    this.#keys = keys;
  }

  /** What head office gave; undefined where this directory never joined. Throws FILE_DAMAGED. */
  enrolled(): EnrolledTerminal | undefined {
    // Written last: without it, whatever else lies here is half an enrolment.
    const enrolment = this.#read('enrolment.json');
    if (enrolment === undefined) return undefined;
    const terminalKey = privateKeyFromPem(
      this.#keys.open('terminal.key', this.#text('terminal.key')),
    );
    // Enrolled by the CA itself, as the first ones were: no issuers.
    const [terminalDer, ...issuers] = this.#certificates('terminal.pem');
    const [caDer] = this.#certificates('ca.pem');
    const terminal = orDamaged('terminal.pem', () =>
      verifyTerminal([terminalDer, ...issuers], caDer),
    );
    if (!isKeyOf(terminalKey, terminalDer))
      throw new TillmeshError('FILE_DAMAGED', 'terminal.key is not of terminal.pem');
    return { ...terminal, ...readEnrolment(enrolment), caDer, terminalDer, issuers, terminalKey };
  }

  /**
   * Keeps an enrolment. One that was here before ends with it, and so does the incarnation that lived by it. `binding`: where
   * this directory is; without it a copy that is made before the first life begins would use the same letter.
   */
  saveEnrolled(enrolled: Enrolled, terminalKey: KeyObject, binding?: StoredBinding): void {
    makeDirectoryDurably(this.#disk, this.#directory);
    this.#remove('enrolment.json');
    this.#remove('current.json');
    this.#writeTerminalKey(privateKeyPem(terminalKey));
    this.#write('ca.pem', utf8.encode(pemOf(enrolled.caDer)));
    this.#write('terminal.pem', utf8.encode(pemOf(enrolled.terminalDer, ...enrolled.issuers)));
    this.#write('enrolment.json', enrolmentBytes({ ...enrolled, ...(binding && { binding }) }));
  }

  /**
   * The living incarnation; undefined where none has begun. Throws FILE_DAMAGED where its file cannot be used:
   * then only a new incarnation helps, and `begin` replaces the file.
   */
  living(): LivingIncarnation | undefined {
    const bytes = this.#read('current.json');
    if (bytes === undefined) return undefined;
    const read = readCurrent(bytes);
    const stored = { ...read, keyPem: this.#keys.open('current.json', read.keyPem) };
    const [caDer] = this.#certificates('ca.pem');
    const { identity, principal } = orDamaged('current.json', () =>
      verifyChain(stored.chain, caDer),
    );
    const key = privateKeyFromPem(stored.keyPem);
    if (identity.incarnation !== stored.incarnation || !isKeyOf(key, stored.chain[0]))
      throw new TillmeshError('FILE_DAMAGED', 'current.json: key and chain do not fit');
    const credentials = {
      caPem: pemOf(caDer),
      chainPem: pemOf(...stored.chain),
      keyPem: stored.keyPem,
    };
    return { ...stored, identity, principal, credentials, signer: signerOf(key) };
  }

  /**
   * Makes this the living incarnation. The key of the one before is gone when this returns (its file is unlinked,
   * not overwritten: on flash memory that would promise more than it does).
   */
  begin(next: StoredIncarnation): void {
    makeDirectoryDurably(this.#disk, this.#path('lives'));
    const order = (this.#lives().at(-1)?.order ?? 0) + 1;
    // First, so that no life is ever lived without a trace: a lost current.json must not make its letter look unused.
    this.#write(join('lives', `${next.incarnation}.json`), lifeBytes({ ...next, order }));
    this.#writeCurrent(next);
  }

  /** Closes keys that still lie in the open, as they did before there was a key seal. Says whether there were any. */
  closeKeys(): boolean {
    if (!this.#keys.isSealing) return false;
    const terminalKey = this.#read('terminal.key') && this.#text('terminal.key');
    const current = this.#read('current.json');
    const living = current && readCurrent(current);
    const [isTerminalOpen, isLivingOpen] = [terminalKey, living?.keyPem].map(
      (text) => text !== undefined && !isSealed(text),
    );
    if (isTerminalOpen && terminalKey !== undefined) this.#writeTerminalKey(terminalKey);
    if (isLivingOpen && living) this.#writeCurrent(living);
    return isTerminalOpen === true || isLivingOpen === true;
  }

  #writeCurrent(next: StoredIncarnation): void {
    const keyPem = this.#keys.close('current.json', next.keyPem);
    this.#write('current.json', currentBytes({ ...next, keyPem }));
  }

  #writeTerminalKey(pem: string): void {
    this.#write('terminal.key', utf8.encode(this.#keys.close('terminal.key', pem)));
  }

  /** Before the first entry of a life: a journal that is empty afterwards was lost. */
  markSpoken(incarnation: IncarnationId): void {
    this.#write(join('lives', `${incarnation}.spoken`), new Uint8Array());
  }

  hasSpoken(incarnation: IncarnationId): boolean {
    return this.#read(join('lives', `${incarnation}.spoken`)) !== undefined;
  }

  /** Letters of all incarnations begun in this directory, the living one too: none of them may be printed anew. */
  letters(): ReadonlySet<SeriesLetter> {
    const letters = new Set(this.#lives().map(({ letter }) => letter));
    // The record of the living one may have been lost, and its letter is in use all the same.
    const current = this.#read('current.json');
    const living = current && ifUndamaged(() => readCurrent(current));
    return living ? letters.add(living.letter) : letters;
  }

  /**
   * Incarnations that ended here, the last one last. One whose file is damaged is left out: its chain is in the roster, too.
   * One that was recorded and never became the living one (a crash between the two) is left out while a life is lived.
   */
  past(): PastIncarnation[] {
    const lives = this.#lives();
    const current = this.#read('current.json');
    const living = current && ifUndamaged(() => readCurrent(current))?.incarnation;
    const at = lives.findIndex(({ incarnation }) => incarnation === living);
    return at < 0 ? lives : lives.slice(0, at);
  }

  /** All lives recorded here, in the order of their beginning. */
  #lives(): PastIncarnation[] {
    const names = this.#disk.list(this.#path('lives')).filter((name) => name.endsWith('.json'));
    const lives = names.flatMap((name) => {
      const bytes = this.#read(join('lives', name));
      return bytes === undefined ? [] : (ifUndamaged(() => readLife(bytes)) ?? []);
    });
    return lives.sort((a, b) => a.order - b.order);
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #read(name: string): Uint8Array | undefined {
    try {
      return this.#disk.read(this.#path(name));
    } catch (error) {
      throw refused(error, this.#path(name));
    }
  }

  #text(name: string): string {
    const bytes = this.#read(name);
    if (bytes === undefined) throw new TillmeshError('FILE_DAMAGED', `${name} is missing`);
    return new TextDecoder().decode(bytes);
  }

  #certificates(name: string): [Uint8Array, ...Uint8Array[]] {
    const [first, ...more] = certificatesOf(this.#text(name));
    if (first === undefined) throw new TillmeshError('FILE_DAMAGED', name);
    return [first, ...more];
  }

  #write(name: string, bytes: Uint8Array): void {
    writeAtomically(this.#disk, this.#path(name), bytes);
  }

  #remove(name: string): void {
    this.#disk.remove(this.#path(name));
    syncOrFail(this.#disk, this.#directory);
  }
}

function isKeyOf(key: KeyObject, certificateDer: Uint8Array | undefined): boolean {
  if (certificateDer === undefined) return false;
  return new X509Certificate(certificateDer).publicKey.equals(createPublicKey(key));
}

/** A bad certificate in an own file is a damaged file, not a stranger at the door. */
function orDamaged<T>(name: string, verify: () => T): T {
  try {
    return verify();
  } catch (cause) {
    throw new TillmeshError('FILE_DAMAGED', name, { cause });
  }
}

function ifUndamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isTillmeshError(error, 'FILE_DAMAGED')) return undefined;
    throw error;
  }
}
