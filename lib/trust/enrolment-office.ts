/**
 * The half of the enrolment that lets in, head office's or that of a till with a range of its own: checks a code's proof, issues the terminal's certificate, uses the code up.
 * What it says about a code it says only to those who know the secret: to all others every failure looks the same.
 */
import { isTillmeshError, TillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import type { TerminalIssuer } from './authority.ts';
import {
  answerSaid,
  proofOf,
  requestSchema,
  sameProof,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  type RelayAddress,
} from './enrolment.ts';
import { formatJoinCode, joinCodeExpiryMs, joinKeyOf, newJoinCode } from './join-code.ts';
import type { JoinCodeId } from './join-code.ts';
import { keyNameOf, publicKeyFromRaw, type RandomBytes } from './keys.ts';

export type JoinCodeRecord = {
  readonly id: JoinCodeId;
  /** `joinKeyOf` the code, 32 bytes: instead of the secret. */
  readonly key: Uint8Array;
  readonly store: StoreId;
  readonly terminal: TerminalId;
  /** Wall clock of head office, milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly failedTries: number;
  /** Nobody joins by it any more. */
  readonly used: boolean;
  /** Nobody joined by it either: it was withdrawn. */
  readonly isVoid?: true;
};

/** Where codes are kept. Shared by all relays of a company, so every step is one atomic statement. */
export interface JoinCodeStore {
  find(id: JoinCodeId): Promise<JoinCodeRecord | undefined>;
  /** Counts a wrong proof. */
  fail(id: JoinCodeId): Promise<void>;
  /** Marks as used, by the terminal of this key; true for one caller only, ever. */
  use(id: JoinCodeId, terminalKey: string): Promise<boolean>;
  /** Keeps a new code in place of a used or expired one of its id; false where that one may still be used. */
  add(record: JoinCodeRecord, nowMs: number): Promise<boolean>;
}

export type EnrolmentOfficeOptions = {
  readonly codes: JoinCodeStore;
  /** Who signs this terminal's certificate. */
  readonly issuerOf: (store: StoreId, terminal: TerminalId) => TerminalIssuer;
  /** The next unused letter of this terminal. One that is given out and then not used is a harmless gap. */
  readonly nextLetter: (store: StoreId, terminal: TerminalId) => Promise<SeriesLetter>;
  readonly relays: () => readonly RelayAddress[];
  /** The key that lives under this name: nobody else gets it. Absent where a name is given once anyhow. */
  readonly holderOf?: (store: StoreId, terminal: TerminalId) => Promise<string | undefined>;
  /** Head office has revoked this key of a terminal: it gets no certificate any more, whatever code it has. */
  readonly isRevoked?: (store: StoreId, terminalKey: string) => boolean;
  readonly random: RandomBytes;
  readonly wallMs: () => number;
};

/** What happened to a code; `id` names it and is no secret. For the log: who was let in, by whose code, and who was not. */
export type EnrolmentEvent = {
  readonly kind: 'codeMade' | 'enrolled' | 'refused';
  readonly id: JoinCodeId;
  /** Absent where nobody knows for which terminal the code would be. */
  readonly store?: StoreId;
  readonly terminal?: TerminalId;
  /** Of a code that was made: its wall clock end, milliseconds since 1970. */
  readonly expiresAtMs?: number;
  /** Of a refusal. */
  readonly reason?: ErrorCode;
};

/** Relays live there, and their certificates are made by the authority itself: a code for it would let a till speak as head office. */
const headOffice = 'HQ';

/** Stands in for the key of a code that does not exist, so that finding none takes as long as a wrong secret. */
const noKey = new Uint8Array(32);

export class EnrolmentOffice {
  readonly #options: EnrolmentOfficeOptions;
  readonly #listeners = new Set<(event: EnrolmentEvent) => void>();
  /** One request after the other: tries of one code that overlap would not see each other's count. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EnrolmentOfficeOptions) {
    this.#options = options;
  }

  /** Calls back after every code that is made, used or refused. Returns how to stop that. */
  onEvent(listener: (event: EnrolmentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A new code for a terminal, in the form that is told to the installer; only here is it ever readable.
   * Throws INPUT_INVALID for head office's own store, NAME_IN_USE where a terminal of this name lives.
   */
  async newCode(
    store: StoreId,
    terminal: TerminalId,
  ): Promise<{ readonly code: string; readonly expiresAtMs: number }> {
    refuseHeadOffice(store);
    await this.#assertFree(store, terminal);
    const { random, codes, wallMs } = this.#options;
    for (let attempt = 0; attempt < 20; attempt++) {
      const code = newJoinCode(random);
      const nowMs = wallMs();
      const expiresAtMs = joinCodeExpiryMs(nowMs);
      const key = joinKeyOf(code);
      const fresh = { id: code.id, key, store, terminal, expiresAtMs, failedTries: 0, used: false };
      if (!(await codes.add(fresh, nowMs))) continue;
      this.#tell({ kind: 'codeMade', id: code.id, store, terminal, expiresAtMs });
      return { code: formatJoinCode(code), expiresAtMs };
    }
    throw new TillmeshError('INVARIANT', 'no free join code id in 20 tries of a million');
  }

  /**
   * @param body parsed JSON of the request
   * @param keyingMaterial of the connection that it came by
   * Throws INPUT_INVALID, JOIN_CODE_WRONG, JOIN_CODE_USED, JOIN_CODE_EXPIRED, JOIN_CODE_VOID, NAME_IN_USE.
   */
  async enrol(body: unknown, keyingMaterial: Uint8Array): Promise<EnrolmentAnswer> {
    const read = requestSchema.safeParse(body);
    if (!read.success) throw new TillmeshError('INPUT_INVALID', 'not an enrolment request');
    const turn = this.#turn.then(() => this.#enrol(read.data, keyingMaterial));
    // The next in line does not care how this one ended; its caller gets the error.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #enrol(request: EnrolmentRequest, keyingMaterial: Uint8Array): Promise<EnrolmentAnswer> {
    const record = await this.#options.codes.find(request.code);
    const about = { id: request.code, ...(record && whose(record)) };
    try {
      const answer = await this.#answer(request, record, keyingMaterial);
      this.#tell({ kind: 'enrolled', ...about });
      return answer;
    } catch (error) {
      // A fault is head office's own: whoever listens for problems hears of it with its cause.
      if (isTillmeshError(error)) this.#tell({ kind: 'refused', ...about, reason: error.code });
      throw error;
    }
  }

  async #answer(
    request: EnrolmentRequest,
    record: JoinCodeRecord | undefined,
    keyingMaterial: Uint8Array,
  ): Promise<EnrolmentAnswer> {
    const { codes, issuerOf, random, wallMs } = this.#options;
    const { proof, ...said } = request;
    const expected = proofOf('register', record?.key ?? noKey, keyingMaterial, said);
    const proven = sameProof(proof, expected) && record !== undefined;
    // A dead code stays dead for those who know it, too: its secret was under attack.
    if (!proven || record.failedTries >= limits.joinCodeTries) {
      await codes.fail(request.code);
      throw new TillmeshError('JOIN_CODE_WRONG');
    }
    if (record.used) throw spent(record);
    if (wallMs() >= record.expiresAtMs) throw new TillmeshError('JOIN_CODE_EXPIRED');
    const { store, terminal } = record;
    // Codes of an older version may still lie in the database.
    refuseHeadOffice(store);
    if (request.store !== undefined && request.store !== store)
      throw new TillmeshError('INPUT_INVALID', `the code is for store ${store}`);

    const raw = fromBase64Url(request.terminalPublicKey);
    if (raw === undefined) throw new TillmeshError('INPUT_INVALID', 'public key');
    const publicKey = publicKeyFromRaw(raw);
    const terminalKey = keyNameOf(publicKey);
    if (this.#options.isRevoked?.(store, terminalKey) === true)
      throw new TillmeshError('TERMINAL_REVOKED', `${store}-${terminal}`);
    // Once more: two codes may have been made for one new name.
    await this.#assertFree(store, terminal);
    const nowMs = wallMs();
    const authority = issuerOf(store, terminal);
    const certificate = await authority.issueTerminal({
      store,
      terminal,
      publicKey,
      random,
      nowMs,
    });
    const letter = await this.#options.nextLetter(store, terminal);
    const answer = {
      v: 1 as const,
      company: authority.company,
      store,
      terminal,
      letter,
      ca: toBase64Url(authority.certificateDer),
      certificate: toBase64Url(certificate),
      // Left out where there are none: registers of the first version know no such field.
      ...(authority.issuers.length > 0 && { issuers: authority.issuers.map(toBase64Url) }),
      relays: this.#options.relays().slice(0, limits.relayAddresses).map(plain),
    };
    // Last of all: whatever failed before, the code can be used again.
    if (!(await codes.use(record.id, terminalKey))) throw spent(await codes.find(record.id));
    const answered = answerSaid(answer, request);
    return { ...answer, proof: proofOf('head-office', record.key, keyingMaterial, answered) };
  }

  async #assertFree(store: StoreId, terminal: TerminalId): Promise<void> {
    const holder = await this.#options.holderOf?.(store, terminal);
    if (holder !== undefined) throw new TillmeshError('NAME_IN_USE', `${store}-${terminal}`);
  }

  #tell(event: EnrolmentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function refuseHeadOffice(store: StoreId): void {
  if (store !== headOffice) return;
  throw new TillmeshError('INPUT_INVALID', `${store} is head office itself: name a shop, as S01`);
}

const spent = (record: JoinCodeRecord | undefined): TillmeshError =>
  new TillmeshError(record?.isVoid ? 'JOIN_CODE_VOID' : 'JOIN_CODE_USED');

const whose = ({ store, terminal }: JoinCodeRecord) => ({ store, terminal });

const plain = ({ host, port }: RelayAddress): RelayAddress => ({ host, port });
