/**
 * A till is replaced by another device under the same name: the old one's key is revoked first, then a code is made by which
 * the new one joins. The code of before is void with that, so that two devices never come of one replacement. May be asked
 * again at any time: what is done already stays done, and the rest is taken up where it ended.
 */
import { isTillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { refusal } from '../lib/domain/refusals.ts';
import type { ReplaceAsk, Replacing, Revoking } from '../lib/host/hq-services.ts';
import type { Member } from '../lib/replica/keyring.ts';
import type { Relay } from './relay.ts';
import type { RelayServices } from './relay-routes.ts';
import { describeKey } from './revoking.ts';

export type ReplacementsParts = {
  readonly relay: {
    readonly replica: Pick<Relay['replica'], 'keyring' | 'revocations' | 'mesh'>;
  };
  readonly services: Pick<RelayServices, 'revoke' | 'newJoinCode'>;
  /** Makes void what codes of this terminal can still be used. */
  readonly withdrawCodes: (store: StoreId, terminal: TerminalId) => Promise<unknown>;
};

export class Replacements {
  readonly #p: ReplacementsParts;
  /** One after the other: two at once would leave two codes. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ReplacementsParts) {
    this.#p = parts;
  }

  /**
   * `by`: who asks, for the record of it. Without a key the name has to stand for one device alone, ever: asked again after
   * the new one has joined it would mean that one. @throws DATABASE_UNREACHABLE where nothing was done.
   */
  replace(ask: ReplaceAsk, by: string): Promise<Replacing> {
    const next = this.#turn.then(() => this.#replace(ask, by));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #replace(ask: ReplaceAsk, by: string): Promise<Replacing> {
    const { services, withdrawCodes } = this.#p;
    const { store, terminal } = ask;
    const devices = this.#devices(ask);
    const meant = this.#meant(ask, devices);
    if (meant.length > 1) {
      const linked = new Set(this.#p.relay.replica.mesh.peers);
      const keys = meant.map((lives) => describeKey(lives, linked)).join('; ');
      return { outcome: 'refused', ...refusal('TERMINAL_AMBIGUOUS', keys) };
    }
    const terminalKey = meant[0]?.[0]?.terminalKey ?? ask.terminalKey;
    const revoking = await services.revoke(
      { ...ask, ...(terminalKey !== undefined && { terminalKey }) },
      by,
    );
    if (revoking.outcome === 'refused') return revoking;
    const old = { ...revokedOf(revoking), terminal, terminalKey: terminalKey ?? '' };
    const successor = devices
      .filter(([life]) => life?.terminalKey !== terminalKey)
      .find((lives) => !this.#isRevoked(lives));
    const joinedKey = successor?.[0]?.terminalKey;
    if (joinedKey !== undefined) return { outcome: 'joined', ...old, joinedKey };
    try {
      await withdrawCodes(store, terminal);
      const { code, expiresAtMs } = await services.newJoinCode(store, terminal);
      return { outcome: revoking.outcome, ...old, code, expiresAtMs };
    } catch (error) {
      // The old one is out by now, for good: that must not look like nothing was done.
      if (!isTillmeshError(error)) throw error;
      return { outcome: 'revokedOnly', ...old, problem: error.code };
    }
  }

  /** All that ever had this name, each with its lives. */
  #devices({ store, terminal }: ReplaceAsk): Member[][] {
    const lives = this.#p.relay.replica.keyring
      .members()
      .filter(({ identity }) => identity.store === store && identity.terminal === terminal);
    return [...Map.groupBy(lives, (life) => life.terminalKey).values()];
  }

  #meant({ terminalKey }: ReplaceAsk, devices: readonly Member[][]): readonly Member[][] {
    if (terminalKey !== undefined)
      return devices.filter(([life]) => life?.terminalKey.startsWith(terminalKey));
    // All are gone: whoever asks goes on with what was begun for the last one.
    if (devices.every((lives) => this.#isRevoked(lives))) return devices.slice(-1);
    return devices;
  }

  #isRevoked([life]: readonly Member[]): boolean {
    return life !== undefined && this.#p.relay.replica.revocations.of(life) !== undefined;
  }
}

const revokedOf = ({ store, reason, atMs }: Exclude<Revoking, { outcome: 'refused' }>) => ({
  store,
  reason,
  atMs,
});
