/**
 * A till that lets others join while head office is away: codes and certificates within the range that head office gave
 * to this very life. Without a range it answers nobody.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { enrolGrants, type EnrolGrant } from '../replica/enrol-grants.ts';
import { isWithin } from '../trust/certificate-names.ts';
import { EnrolmentOffice, type EnrolmentEvent } from '../trust/enrolment-office.ts';
import { enrolmentListener } from '../trust/enrolment-server.ts';
import type { EnrolledTerminal } from '../trust/identity-store.ts';
import type { JoinCodeFile } from '../trust/join-code-file.ts';
import type { RandomBytes } from '../trust/keys.ts';
import { TillIssuer } from '../trust/till-issuer.ts';
import type { Register } from './register.ts';

export type EnrollingParts = {
  readonly register: Pick<Register, 'replica'>;
  readonly enrolled: EnrolledTerminal;
  readonly codes: JoinCodeFile;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly onEvent: (event: EnrolmentEvent) => void;
  readonly onProblem: (error: unknown) => void;
};

export type TillJoinCode = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly code: string;
  readonly expiresAtMs: number;
};

/** Numbers of a range were nobody's before, and are given once: their first life has the first letter. */
const firstLetter = 'A' as SeriesLetter;

export class Enrolling {
  readonly #p: EnrollingParts;
  readonly #office: EnrolmentOffice;
  /** Anybody may ask, so that each grant is verified once. */
  readonly #made = new WeakMap<EnrolGrant, TillIssuer>();
  readonly #listener: (request: IncomingMessage, response: ServerResponse) => void;

  constructor(parts: EnrollingParts) {
    this.#p = parts;
    const { codes, clock, random, enrolled, onEvent, onProblem } = parts;
    this.#office = new EnrolmentOffice({
      codes,
      issuerOf: (_store, terminal) => this.#issuerOf(terminal),
      nextLetter: () => Promise.resolve(firstLetter),
      relays: () => enrolled.relays,
      random,
      wallMs: () => clock.wallMs(),
    });
    this.#office.onEvent(onEvent);
    this.#listener = enrolmentListener({ office: this.#office, clock, onProblem });
  }

  /** For the next number of the range. Throws ENROLLING_NOT_GRANTED, ENROLLING_USED_UP. */
  async newCode(): Promise<TillJoinCode> {
    const { store } = this.#p.enrolled;
    const issuers = this.#issuers();
    if (issuers.length === 0) throw new TillmeshError('ENROLLING_NOT_GRANTED');
    const terminal = issuers.flatMap(({ range }) => this.#free(range)).at(0);
    if (!terminal) throw new TillmeshError('ENROLLING_USED_UP');
    return { store, terminal, ...(await this.#office.newCode(store, terminal)) };
  }

  /** Requests on the port that tills link to, where callers have no certificate yet. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (this.#mayEnrol()) this.#listener(request, response);
    else response.writeHead(426).end();
  }

  /** No throw: whoever calls may be anybody, and a till between two lives has a moment without any. */
  #mayEnrol(): boolean {
    try {
      return this.#issuers().length > 0;
    } catch (error) {
      if (!isTillmeshError(error, 'BEGINNING_ANEW')) this.#p.onProblem(error);
      return false;
    }
  }

  /** The lowest number that is not given and that no till of the store has; none where all are. */
  #free({ first, last }: { readonly first: number; readonly last: number }): TerminalId[] {
    const { register, codes, clock, enrolled } = this.#p;
    const nowMs = clock.wallMs();
    const known = new Set(
      register.replica.keyring
        .members()
        .filter(({ identity }) => identity.store === enrolled.store)
        .map(({ identity }) => identity.terminal),
    );
    for (let number = first; number <= last; number++) {
      const terminal = `T${number}` as TerminalId;
      if (!known.has(terminal) && !codes.isTaken(terminal, nowMs)) return [terminal];
    }
    return [];
  }

  #issuerOf(terminal: TerminalId): TillIssuer {
    const found = this.#issuers().find(({ range }) => isWithin(terminal, range));
    if (!found) throw new TillmeshError('ENROLLING_NOT_GRANTED', terminal);
    return found;
  }

  #issuers(): TillIssuer[] {
    const { register, enrolled } = this.#p;
    const { caDer, terminalKey, store } = enrolled;
    const { replica } = register;
    return enrolGrants(replica, store, caDer)
      .filter(({ till }) => till === replica.me.principal)
      .map((grant) => {
        const known = this.#made.get(grant);
        const issuer = known ?? new TillIssuer({ caDer, issuers: grant.issuers, terminalKey });
        this.#made.set(grant, issuer);
        return issuer;
      });
  }
}
