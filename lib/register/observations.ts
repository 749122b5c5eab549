/**
 * What this till alone has noticed becomes an entry of its journal, so that it counts for all: foreign writes that were
 * refused, forks, clocks that are off. Each is said once, and of a clock more only when it moves: a hostile peer must
 * not fill a journal.
 */
import { isClockNews, isClockOff } from '../domain/clock-drift.ts';
import type { Clock } from '../domain/clock.ts';
import { findingKey, type Finding } from '../domain/findings.ts';
import {
  journalKeyOf,
  parsePrincipal,
  terminalNameOf,
  type EntryHash,
  type JournalKey,
  type Principal,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ReplicaEvent } from '../replica/replica-options.ts';

export type ObservationDraft = {
  readonly type: string;
  readonly body: object;
  readonly command: string;
};

export type ObservationParts = {
  readonly incarnation: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** The hashes that stand at a forked journal's first doubled seq; undefined while this replica has one branch only. */
  readonly forkOf: (journal: JournalKey) => { seq: number; hashes: EntryHash[] } | undefined;
  /** The last entry of a journal that is here; 0 for none. */
  readonly lastSeq: (journal: JournalKey) => number;
  /** What this terminal has said last of others' clocks, in earlier processes and lives too; by `S01-T2`. */
  readonly clockWords: ReadonlyMap<string, number>;
  readonly append: (draft: ObservationDraft) => void;
};

/** How somebody looked at findings. */
export type FindingsLook = {
  /** It was one alone, and so many are open after it; absent: all. */
  readonly left?: number;
  readonly note?: string;
};

/** Different things that one life says, of each kind: a peer that swings its clock must not use up the others' room. */
const most = 500;

type ClockWord = { offsetMs: number; room: number; filledMs: number };

/** Of a field of an entry; see `bodies-schema.ts`. */
const textMost = 256;
/** Cut first: a cut can halve a character. Names of files are as whoever planted them wrote them. */
const cleanText = (text: string): string =>
  text.slice(0, textMost).replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, ' ');

/** As an entry names a finding. */
const nameOf = ({ code, where, seq }: Finding): Pick<Finding, 'code' | 'where' | 'seq'> => ({
  code,
  where: cleanText(where),
  ...(seq === undefined || seq < 1 ? {} : { seq }),
});

export class Observations {
  readonly #p: ObservationParts;
  readonly #said = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #clocks = new Map<string, ClockWord>();
  #drafts = 0;

  constructor(parts: ObservationParts) {
    this.#p = parts;
    for (const [terminal, offsetMs] of parts.clockWords)
      if (isClockOff(offsetMs)) this.#clocks.set(terminal, this.#fresh(offsetMs));
  }

  notice(event: ReplicaEvent): void {
    if (event.kind === 'hostile') {
      const { peer, code, document } = event;
      // Bars go by terminal: lives cost it nothing, and each of them would be said anew.
      this.#once(refused(peer, code), 'ForeignWriteRefused', {
        peer,
        code,
        ...(document === undefined ? {} : { document }),
      });
    } else if (event.kind === 'forked') {
      const fork = this.#p.forkOf(event.journal);
      if (fork)
        this.#once(`fork ${event.journal}`, 'ForkSeen', { journal: event.journal, ...fork });
    } else if (event.kind === 'doubleIdentity') this.#double(event.peer);
  }

  /** Two processes live under one name: known before their branches are, which one of them may never bring here. */
  #double(peer: Principal): void {
    const journal = journalKeyOf(parsePrincipal(peer));
    const seq = this.#p.lastSeq(journal);
    this.#once(`double ${journal}`, 'ForkSeen', { journal, seq, hashes: [], live: true });
  }

  /** What this till found wrong with its own files. Throws where it cannot be said now. */
  tampering(finding: Finding): void {
    const { what } = finding;
    this.#once(`tampering ${findingKey(finding)}`, 'TamperingSeen', {
      ...nameOf(finding),
      ...(what === undefined ? {} : { what: cleanText(what) }),
    });
  }

  /** A person has looked at them, one of them or all. */
  tamperingChecked(seen: readonly Finding[], { left, note }: FindingsLook): ObservationDraft {
    const [only] = seen;
    // What is found again from now on is news.
    for (const finding of seen) this.#said.delete(`tampering ${findingKey(finding)}`);
    return this.#draft('TamperingChecked', {
      findings: seen.length,
      ...(only && left !== undefined && { only: nameOf(only), left }),
      ...(note === undefined ? {} : { note }),
    });
  }

  /** After every word on a peer's clock; most of them are no news. */
  clock(peer: Principal, offsetMs: number): void {
    const terminal = terminalNameOf(peer);
    const word = this.#clocks.get(terminal);
    if (!isClockNews(word?.offsetMs, offsetMs)) return;
    const nowMs = this.#p.clock.monotonicMs();
    const next = word ?? this.#fresh(0);
    const { clockWords, clockWordEveryMs } = limits;
    const filled = Math.floor((nowMs - next.filledMs) / clockWordEveryMs);
    next.room = Math.min(clockWords, next.room + filled);
    next.filledMs += filled * clockWordEveryMs;
    // Not for ever: whatever it is by then is said when there is room again.
    if (next.room === 0) return;
    if (!this.#say('ClockOffsetSeen', { peer, offsetMs })) return;
    next.room -= 1;
    next.offsetMs = offsetMs;
    this.#clocks.set(terminal, next);
  }

  /** A person lets a terminal back in. Thrown where it cannot be recorded: then it is not let in. */
  pardoned(terminal: string, code: string): ObservationDraft {
    for (const what of this.#said)
      if (what.startsWith(refused(terminal, ''))) this.#said.delete(what);
    return this.#draft('PeerPardoned', { peer: terminal, code });
  }

  #fresh(offsetMs: number): ClockWord {
    return { offsetMs, room: limits.clockWords, filledMs: this.#p.clock.monotonicMs() };
  }

  #once(what: string, type: string, body: object): void {
    if (this.#said.has(what)) return;
    if (this.#say(type, body)) this.#said.add(what);
  }

  #say(type: string, body: object): boolean {
    const count = this.#counts.get(type) ?? 0;
    if (count >= most) return false;
    this.#p.append(this.#draft(type, body));
    this.#counts.set(type, count + 1);
    return true;
  }

  #draft(type: string, body: object): ObservationDraft {
    this.#drafts += 1;
    return { type, body, command: `observed-${this.#p.incarnation}-${this.#drafts}` };
  }
}

const refused = (peer: string, code: string): string => `refused ${terminalNameOf(peer)} ${code}`;
