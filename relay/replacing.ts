/**
 * A till is replaced by another device under the same name: the old one's key is revoked first, then a code is made by which
 * the new one joins. The code of before is void with that, so that two devices never come of one replacement. May be asked
 * again at any time: what is done already stays done, and the rest is taken up where it ended.
 */
import { isTillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { refusal } from '../lib/domain/refusals.ts';
import type { ReplaceAsk, Replacing, Revoking } from '../lib/host/hq-services.ts';
import type { NamedDevice, NameHolders } from './name-holders.ts';
import type { Relay } from './relay.ts';
import type { RelayServices } from './relay-routes.ts';
import { describeKey } from './revoking.ts';

export type ReplacementsParts = {
  readonly relay: {
    readonly replica: Pick<Relay['replica'], 'mesh'>;
  };
  readonly names: Pick<NameHolders, 'devices'>;
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
    const { services, names, withdrawCodes } = this.#p;
    const { store, terminal } = ask;
    const meant = this.#meant(ask, await names.devices(store, terminal));
    if (meant.length > 1) {
      const linked = new Set(this.#p.relay.replica.mesh.peers);
      const keys = meant.map((device) => describeKey(device, linked)).join('; ');
      return { outcome: 'refused', ...refusal('TERMINAL_AMBIGUOUS', keys) };
    }
    const terminalKey = meant[0]?.terminalKey ?? ask.terminalKey;
    const revoking = await services.revoke(
      { ...ask, ...(terminalKey !== undefined && { terminalKey }) },
      by,
    );
    if (revoking.outcome === 'refused') return revoking;
    const old = { ...revokedOf(revoking), terminal, terminalKey: terminalKey ?? '' };
    try {
      await withdrawCodes(store, terminal);
      // After that no code of before can be used any more: whoever came by one is known by now.
      const successor = (await names.devices(store, terminal)).find(
        (device) => device.terminalKey !== terminalKey && !device.isRevoked,
      );
      if (successor) return { outcome: 'joined', ...old, joinedKey: successor.terminalKey };
      const { code, expiresAtMs } = await services.newJoinCode(store, terminal);
      return { outcome: revoking.outcome, ...old, code, expiresAtMs };
    } catch (error) {
      // The old one is out by now, for good: that must not look like nothing was done.
      if (!isTillmeshError(error)) throw error;
      return { outcome: 'revokedOnly', ...old, problem: error.code };
    }
  }

  #meant({ terminalKey }: ReplaceAsk, devices: readonly NamedDevice[]): readonly NamedDevice[] {
    if (terminalKey !== undefined)
      return devices.filter((device) => device.terminalKey.startsWith(terminalKey));
    // All are gone: whoever asks goes on with what was begun for the last one.
    return devices.every(({ isRevoked }) => isRevoked) ? devices.slice(-1) : devices;
  }
}

const revokedOf = ({ store, reason, atMs }: Exclude<Revoking, { outcome: 'refused' }>) => ({
  store,
  reason,
  atMs,
});
