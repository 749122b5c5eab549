/**
 * Join codes of a till that enrols others, as one file of its data directory, and the numbers that it has given away:
 * on the disk before anybody is told, and never given again, whatever becomes of code and clock.
 */
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import { isStoreId, isTerminalId, type TerminalId } from '../domain/ids.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { refused } from '../storage/disk-errors.ts';
import type { JoinCodeRecord, JoinCodeStore } from './enrolment-office.ts';
import { isJoinCodeId, type JoinCodeId } from './join-code.ts';

const terminal = z.string().refine(isTerminalId);
const fileSchema = z.object({
  v: z.literal(1),
  codes: z.array(
    z.object({
      id: z.string().refine(isJoinCodeId),
      key: z.string().transform((text) => fromBase64Url(text) ?? new Uint8Array()),
      store: z.string().refine(isStoreId),
      terminal,
      expiresAtMs: z.number(),
      failedTries: z.int(),
      used: z.boolean(),
    }),
  ),
  given: z.array(terminal),
});

/** Expired codes are remembered this long, so that whoever types one is told that it is too old. */
const rememberMs = 86_400_000;

type State = {
  readonly codes: ReadonlyMap<JoinCodeId, JoinCodeRecord>;
  readonly given: ReadonlySet<TerminalId>;
};

export class JoinCodeFile implements JoinCodeStore {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #isTrusted: () => boolean;
  #read: State | undefined;

  /**
   * Read when it is asked for, so that a till with a damaged one goes on selling. Every call throws FILE_DAMAGED then:
   * which numbers were given is not known, and a till must not guess. `isTrusted` is false while the file is not what this
   * till left, and nobody has looked at it.
   */
  constructor(disk: Disk, path: string, isTrusted: () => boolean = () => true) {
    this.#disk = disk;
    this.#path = path;
    this.#isTrusted = isTrusted;
  }

  /** Given away, or promised by a code that can still be used. */
  isTaken(terminal: TerminalId, nowMs: number): boolean {
    const { codes, given } = this.#state;
    return (
      given.has(terminal) || [...codes.values()].some((code) => promises(code, terminal, nowMs))
    );
  }

  async add(record: JoinCodeRecord, nowMs: number): Promise<boolean> {
    const { codes, given } = this.#state;
    const present = codes.get(record.id);
    if (present !== undefined && !present.used && nowMs < present.expiresAtMs) return false;
    const kept = [...codes].filter(([, { expiresAtMs }]) => nowMs < expiresAtMs + rememberMs);
    this.#write({ codes: new Map([...kept, [record.id, record]]), given });
    return true;
  }

  async find(id: JoinCodeId): Promise<JoinCodeRecord | undefined> {
    return this.#state.codes.get(id);
  }

  async fail(id: JoinCodeId): Promise<void> {
    const record = this.#state.codes.get(id);
    if (record) this.#replace({ ...record, failedTries: record.failedTries + 1 });
  }

  /** False, too, where another code has used up the number: one that had expired, and a clock that was set back. */
  async use(id: JoinCodeId): Promise<boolean> {
    const record = this.#state.codes.get(id);
    if (record === undefined || record.used) return false;
    if (this.#state.given.has(record.terminal)) return false;
    this.#replace({ ...record, used: true }, record.terminal);
    return true;
  }

  #replace(record: JoinCodeRecord, ...given: TerminalId[]): void {
    const { codes, given: before } = this.#state;
    this.#write({
      codes: new Map(codes).set(record.id, record),
      given: new Set([...before, ...given]),
    });
  }

  #write(state: State): void {
    const codes = [...state.codes.values()].map((code) => ({
      ...code,
      key: toBase64Url(code.key),
    }));
    const text = `${JSON.stringify({ v: 1, codes, given: [...state.given] }, null, 2)}\n`;
    writeAtomically(this.#disk, this.#path, new TextEncoder().encode(text));
    this.#read = state;
  }

  get #state(): State {
    if (!this.#isTrusted()) throw new TillmeshError('FILE_DAMAGED', this.#path);
    this.#read ??= this.#fromDisk();
    return this.#read;
  }

  #fromDisk(): State {
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#disk.read(this.#path);
    } catch (error) {
      throw refused(error, this.#path);
    }
    if (bytes === undefined) return { codes: new Map(), given: new Set() };
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new TillmeshError('FILE_DAMAGED', this.#path);
    }
    const read = fileSchema.safeParse(value);
    if (!read.success) throw new TillmeshError('FILE_DAMAGED', this.#path);
    const { codes, given } = read.data;
    return { codes: new Map(codes.map((code) => [code.id, code])), given: new Set(given) };
  }
}

const promises = (code: JoinCodeRecord, terminal: TerminalId, nowMs: number): boolean =>
  code.terminal === terminal && !code.used && nowMs < code.expiresAtMs;
