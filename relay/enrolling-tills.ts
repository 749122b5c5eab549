/**
 * Lets a till enrol others of its store while head office is away: a range of numbers that nobody has and nobody else
 * is given, ever. From then on head office gives none of them either, but to a till that is there already.
 */
import { X509Certificate } from 'node:crypto';
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { names } from '../lib/documents/names.ts';
import {
  enrolGrants,
  grantFields,
  granteeOf,
  type EnrolGrant,
} from '../lib/replica/enrol-grants.ts';
import { headOffice, type Member } from '../lib/replica/keyring.ts';
import type { Authority } from '../lib/trust/authority.ts';
import { isWithin, type Enroller } from '../lib/trust/certificate-names.ts';
import type { RandomBytes } from '../lib/trust/keys.ts';
import type { Database } from './database.ts';
import type { Relay } from './relay.ts';

export type EnrollingTillsParts = {
  readonly relay: Relay;
  readonly authority: Authority;
  readonly database: Database;
  readonly clock: Clock;
  readonly random: RandomBytes;
};

export class EnrollingTills {
  readonly #p: EnrollingTillsParts;

  constructor(parts: EnrollingTillsParts) {
    this.#p = parts;
  }

  /**
   * The till gets its certificate through the roster, by whatever road. Throws PEER_UNKNOWN where nobody knows the till,
   * ENROLLING_TAKEN where a number of the range is somebody's.
   */
  async grant(range: Enroller): Promise<void> {
    const { relay, authority, clock, random } = this.#p;
    const { store, terminal } = range;
    if (store === headOffice || range.first > range.last)
      throw new TillmeshError('INPUT_INVALID', 'not a range of a shop');
    await relay.openStore(store);
    const till = this.#lastLife(store, terminal);
    if (!till) throw new TillmeshError('PEER_UNKNOWN', `${store}-${terminal}`);
    const [, terminalDer] = till.chain;
    const { publicKey } = new X509Certificate(terminalDer ?? new Uint8Array());
    const own = await authority.issueEnroller(range, { publicKey, random, nowMs: clock.wallMs() });
    const promised = await this.#promised(store);
    const roster = await relay.replica.openRecords(names.roster(store));
    // Nothing comes between these and the record: two grants at once do not overlap.
    const taken = [...promised, ...this.#known(store)].find((one) => isWithin(one, range));
    const overlapping = this.grants(store).some(
      ({ range: other }) => other.first <= range.last && range.first <= other.last,
    );
    if (taken !== undefined || overlapping)
      throw new TillmeshError('ENROLLING_TAKEN', taken ?? 'of another range');
    relay.replica.records.append(roster, grantFields(till.principal, [own, ...authority.issuers]));
    await relay.replica.documents.flush();
  }

  /** Throws ENROLLING_ELSEWHERE where the number is a till's to give. One that is known here may be enrolled again. */
  assertOurs(store: StoreId, terminal: TerminalId): void {
    const granted = granteeOf(this.grants(store), terminal);
    if (!granted || this.#known(store).includes(terminal)) return;
    throw new TillmeshError('ENROLLING_ELSEWHERE', `${store}-${granted.range.terminal}`);
  }

  /** Numbers that head office does not give. */
  granted(store: StoreId): TerminalId[] {
    return this.grants(store).flatMap(({ range: { first, last } }) =>
      Array.from({ length: last - first + 1 }, (_, n) => `T${first + n}` as TerminalId),
    );
  }

  /** Every range that was given in a store, those that nobody can use up any more too. */
  grants(store: StoreId): EnrolGrant[] {
    const { relay, authority } = this.#p;
    return enrolGrants(relay.replica, store, authority.certificateDer);
  }

  #members(store: StoreId): Member[] {
    return this.#p.relay.replica.keyring
      .members()
      .filter(({ identity }) => identity.store === store);
  }

  #known(store: StoreId): TerminalId[] {
    return this.#members(store).map(({ identity }) => identity.terminal);
  }

  /** The life that is linked, or the last one that came. */
  #lastLife(store: StoreId, terminal: TerminalId): Member | undefined {
    const { revocations } = this.#p.relay.replica;
    const lives = this.#members(store)
      .filter(({ identity }) => identity.terminal === terminal)
      // Who is kept out lets nobody in.
      .filter((life) => !revocations.of(life));
    const linked: readonly string[] = this.#p.relay.replica.mesh.peers;
    return lives.find(({ principal }) => linked.includes(principal)) ?? lives.at(-1);
  }

  /** Enrolled by a code and not heard of since, or with a code that can still be used. */
  async #promised(store: StoreId): Promise<TerminalId[]> {
    const { database, clock } = this.#p;
    const open = await database.run((db) =>
      db
        .selectFrom('join_codes')
        .select('terminal')
        .where('store_id', '=', store)
        .where('used', '=', false)
        .where('expires_at_ms', '>', clock.wallMs())
        .execute(),
    );
    const lettered = await database.run((db) =>
      db.selectFrom('series_letters').select('terminal').where('store_id', '=', store).execute(),
    );
    return [...open, ...lettered].map((row) => row.terminal as TerminalId);
  }
}

/** How many numbers are proposed at once: a till that is stolen gives no more than these. */
const proposed = 10;

/** The first ten numbers, from T10, T20, … on, of which nobody has one. */
export function freeRange(taken: readonly TerminalId[]): { first: number; last: number } {
  const tens = new Set(taken.map((one) => Math.floor(Number(one.slice(1)) / proposed)));
  let ten = 1;
  while (tens.has(ten)) ten += 1;
  return { first: ten * proposed, last: ten * proposed + proposed - 1 };
}
