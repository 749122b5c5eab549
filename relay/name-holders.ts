/**
 * Which devices have had a terminal's name, as far as head office knows: by the roster, and by the codes that were used, of
 * which the roster says nothing before the new terminal is met. A name that lives is nobody else's.
 */
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { Member } from '../lib/replica/keyring.ts';
import type { DatabaseJoinCodes, EnrolledKey } from './join-code-store.ts';
import type { Relay } from './relay.ts';

export type NamedDevice = {
  readonly terminalKey: string;
  /** None where nobody has heard of it since it joined. */
  readonly lives: readonly Member[];
  readonly isRevoked: boolean;
};

type Knowing = Pick<Relay['replica'], 'keyring' | 'revocations'>;

/** Those of the roster in its order, then those of `enrolled` that are not there. */
export function devicesNamed(
  { keyring, revocations }: Knowing,
  { store, terminal }: { readonly store: StoreId; readonly terminal: TerminalId },
  enrolled: readonly Pick<EnrolledKey, 'terminalKey'>[],
): NamedDevice[] {
  const lives = keyring
    .members()
    .filter(({ identity }) => identity.store === store && identity.terminal === terminal);
  const byKey = Map.groupBy(lives, (life) => life.terminalKey);
  for (const { terminalKey } of enrolled) if (!byKey.has(terminalKey)) byKey.set(terminalKey, []);
  return [...byKey].map(([terminalKey, those]) => ({
    terminalKey,
    lives: those,
    isRevoked: revocations.of(those[0] ?? { identity: { store }, terminalKey }) !== undefined,
  }));
}

export class NameHolders {
  readonly #relay: () => Pick<Relay, 'openStore'> & { readonly replica: Knowing };
  readonly #codes: Pick<DatabaseJoinCodes, 'enrolled'>;

  constructor(
    relay: () => Pick<Relay, 'openStore'> & { readonly replica: Knowing },
    codes: Pick<DatabaseJoinCodes, 'enrolled'>,
  ) {
    this.#relay = relay;
    this.#codes = codes;
  }

  /** @throws DATABASE_UNREACHABLE */
  async devices(store: StoreId, terminal: TerminalId): Promise<NamedDevice[]> {
    // Of a store that nobody has described the roster lies unread.
    await this.#relay().openStore(store);
    const enrolled = await this.#codes.enrolled([store], terminal);
    return devicesNamed(this.#relay().replica, { store, terminal }, enrolled);
  }

  /** The key that lives under this name. */
  async holderOf(store: StoreId, terminal: TerminalId): Promise<string | undefined> {
    const devices = await this.devices(store, terminal);
    return devices.find(({ isRevoked }) => !isRevoked)?.terminalKey;
  }

  /** Those that joined, stand, and that nobody here has heard of since. */
  async unheard(stores: readonly StoreId[]): Promise<readonly EnrolledKey[]> {
    const enrolled = await this.#codes.enrolled(stores);
    const { keyring, revocations } = this.#relay().replica;
    const heard = new Set(keyring.members().map(({ terminalKey }) => terminalKey));
    return enrolled.filter(
      ({ store, terminalKey }) =>
        !heard.has(terminalKey) && !revocations.of({ identity: { store }, terminalKey }),
    );
  }
}
