/**
 * Who writes what: the incarnations of the roster with their keys. Self-certifying: a record counts because its chain
 * leads to the company's CA, by whatever road it came.
 */
import { z } from 'zod';
import { actorPrefixOf } from '../documents/names.ts';
import { TillmeshError } from '../domain/errors.ts';
import {
  isSeriesLetter,
  parseJournalKey,
  principalOf,
  type Identity,
  type JournalKey,
  type Principal,
  type SeriesLetter,
  type StoreId,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import type { Verifier } from '../journal/envelope.ts';
import type { VerifiedChain } from '../trust/chain.ts';
import type { WriterKey } from './segments.ts';

export type Member = {
  readonly identity: Identity;
  readonly principal: Principal;
  readonly terminalKey: string;
  readonly issuerKeys: readonly string[];
  readonly letter: SeriesLetter;
  readonly chain: readonly Uint8Array[];
  readonly verify: Verifier;
  readonly actorPrefix: string;
};

/** The store of relays. */
export const headOffice = 'HQ' as StoreId;

/** What a roster record says. */
export const rosterFields = z.looseObject({
  chain: z.array(z.string().max(8_192)).min(2).max(limits.chainCertificates),
  letter: z.string().refine(isSeriesLetter),
});

export class Keyring {
  readonly #verifyChain: (ders: readonly Uint8Array[]) => VerifiedChain;
  readonly #members = new Map<Principal, Member>();

  constructor(verifyChain: (ders: readonly Uint8Array[]) => VerifiedChain) {
    this.#verifyChain = verifyChain;
  }

  /** Takes an incarnation in; throws where the chain is not the company's. The same one twice changes nothing. */
  learn(chain: readonly Uint8Array[], letter: SeriesLetter): Member {
    const { identity, principal, terminalKey, issuerKeys, verify } = this.#verifyChain(chain);
    const known = this.#members.get(principal);
    if (known) return known;
    const member = {
      identity,
      principal,
      terminalKey,
      issuerKeys,
      letter,
      chain,
      verify,
      actorPrefix: actorPrefixOf(principal),
    };
    this.#members.set(principal, member);
    return member;
  }

  /** The member that a roster record speaks of, without learning it. */
  read(fields: unknown): { chain: Uint8Array[]; letter: SeriesLetter; verified: VerifiedChain } {
    const read = rosterFields.safeParse(fields);
    if (!read.success) throw new TillmeshError('ENTRY_MALFORMED', 'roster record');
    const chain = read.data.chain.map((text) => fromBase64Url(text) ?? new Uint8Array());
    return { chain, letter: read.data.letter, verified: this.#verifyChain(chain) };
  }

  member(principal: Principal): Member | undefined {
    return this.#members.get(principal);
  }
  /** Whose actor this is, by its first half. */
  memberOfActor(actor: string): Member | undefined {
    for (const member of this.#members.values())
      if (actor.startsWith(member.actorPrefix)) return member;
    return undefined;
  }
  members(): Member[] {
    return [...this.#members.values()];
  }

  /** The writer of a journal: the store's own terminal, or a relay for what HQ does to the store. */
  writer(journal: JournalKey): WriterKey | undefined {
    const identity = parseJournalKey(journal);
    return (
      this.#members.get(principalOf(identity)) ??
      this.#members.get(principalOf({ ...identity, store: headOffice }))
    );
  }
}

export const rosterRecord = (chain: readonly Uint8Array[], letter: SeriesLetter) => ({
  chain: chain.map(toBase64Url),
  letter,
});
