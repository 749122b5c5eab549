/**
 * A person's wish to revoke a terminal: which key is meant by its name, and how far head office knows its journals. Says no
 * where the name stands for nobody or for two. Kept in the database first, then signed for all.
 */
import {
  journalKeyOf,
  type EntryHash,
  type JournalKey,
  type StoreId,
  type TerminalId,
} from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import { refusal, type RefusalCode } from '../lib/domain/refusals.ts';
import { type Revocation } from '../lib/domain/revocation.ts';
import { reachesEnrolled, type RevocationReason } from '../lib/domain/revocation-reason.ts';
import type { RevokeAsk, Revoking } from '../lib/host/hq-services.ts';
import { parseHlc } from '../lib/journal/hybrid-clock.ts';
import { headOffice, type Member } from '../lib/replica/keyring.ts';
import type { NamedDevice, NameHolders } from './name-holders.ts';
import type { Relay } from './relay.ts';
import type { WantedPublishing } from './wanted-publishing.ts';
import type { WantedState } from './wanted-state.ts';

export type RevokingParts = {
  readonly relay: {
    readonly replica: Pick<
      Relay['replica'],
      'keyring' | 'revocations' | 'journals' | 'hybridClock' | 'mesh'
    >;
  };
  readonly names: Pick<NameHolders, 'devices'>;
  readonly wanted: Pick<WantedState, 'revoke'>;
  readonly publishing: Pick<WantedPublishing, 'revoke'>;
};

/** `by`: who asks, for the record of it. @throws DATABASE_UNREACHABLE: what is kept nowhere would be forgotten. */
export async function revokeTerminal(
  { relay, names, wanted, publishing }: RevokingParts,
  ask: RevokeAsk,
  by: string,
): Promise<Revoking> {
  const { replica } = relay;
  const { store, terminal, reason, terminalKey = '' } = ask;
  if (store === headOffice) return no('REVOKE_HEAD_OFFICE');
  const named = (await names.devices(store, terminal)).filter((device) =>
    device.terminalKey.startsWith(terminalKey),
  );
  const open = named.filter(({ isRevoked }) => !isRevoked);
  const [meant, another] = open;
  if (another) {
    const linked = new Set(replica.mesh.peers);
    const keys = open.map((device) => describeKey(device, linked)).join('; ');
    return no('TERMINAL_AMBIGUOUS', keys);
  }
  if (!meant) {
    const [before] = named.toReversed().flatMap(({ terminalKey: theirs, lives: [life] }) => {
      const asked = life ?? { identity: { store }, terminalKey: theirs };
      return replica.revocations.of(asked) ?? [];
    });
    return before ? answer('repeated', before) : no('TERMINAL_UNKNOWN', `${store}-${terminal}`);
  }
  const { terminalKey: key, lives } = meant;
  const enrolled = replica.keyring.members().filter(({ issuerKeys }) => issuerKeys.includes(key));
  const going = reachesEnrolled({ reason }) ? [...enrolled, ...lives] : lives;
  const revocation = revocationOf(replica, key, going, { store, terminal, reason });
  const standing = await publishing.revoke(() => wanted.revoke(revocation, by));
  return answer(standing.at === revocation.at ? 'done' : 'repeated', standing);
}

function revocationOf(
  { journals, hybridClock }: RevokingParts['relay']['replica'],
  terminalKey: string,
  lives: readonly Member[],
  about: { store: StoreId; terminal: TerminalId; reason: RevocationReason },
): Revocation {
  const tips: Record<JournalKey, { seq: number; hash: EntryHash }> = {};
  // The oldest lives of a terminal that began thousands are left out: what they wrote is flagged rather than waved through.
  for (const { identity } of lives.slice(-limits.tipsPerMessage)) {
    const journal = journalKeyOf(identity);
    const { seq, hash } = journals.tip(journal);
    if (hash !== '-') tips[journal] = { seq, hash };
  }
  return { type: 'revocation', ...about, terminalKey, tips, at: hybridClock.next() };
}

/** What is known of one device, so that a person can say which of several is meant. */
export function describeKey(
  { terminalKey, lives, isRevoked }: NamedDevice,
  linked: ReadonlySet<string>,
): string {
  const key = terminalKey.slice(0, 12);
  if (lives.length === 0)
    return `${key}: joined by a code, ${isRevoked ? 'revoked' : 'not heard of yet'}`;
  const letters = [...new Set(lives.map(({ letter }) => letter))].join(', ');
  const isLinked = lives.some(({ principal }) => linked.has(principal));
  return `${key}: series ${letters}, ${isRevoked ? 'revoked' : isLinked ? 'linked' : 'not linked'}`;
}

const answer = (outcome: 'done' | 'repeated', revocation: Revocation): Revoking => {
  const { store, terminal, terminalKey, reason, at } = revocation;
  return { outcome, store, terminal, terminalKey, reason, atMs: parseHlc(at).ms };
};

const no = (code: RefusalCode, about?: string): Revoking => ({
  outcome: 'refused',
  ...refusal(code, about),
});
