/**
 * How far linked peers' wall clocks are ahead of ours, from the times that their presence carries. A word can be late and
 * never early: of those that come together the latest clock counts, half of the way there and back is added, and the
 * median of several is what is said. Nothing is said of a peer that was heard too few times.
 */
import { median } from '../domain/clock-drift.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';

type Sample = { readonly atMs: number; readonly aheadMs: number };

export class ClockOffsets {
  readonly #samples = new Map<Principal, Sample[]>();

  /** `monotonicMs`: when it came. `roundTripMs` where the wire measures it. */
  heard(
    peer: Principal,
    word: {
      readonly theirMs: number;
      readonly ownMs: number;
      readonly monotonicMs: number;
      readonly roundTripMs: number | undefined;
    },
  ): void {
    const samples = this.#samples.get(peer) ?? [];
    this.#samples.set(peer, samples);
    const aheadMs = word.theirMs + (word.roundTripMs ?? 0) / 2 - word.ownMs;
    const last = samples.at(-1);
    if (last && word.monotonicMs - last.atMs < limits.clockSampleEveryMs) {
      // What stood still for a while comes all at once: the one that waited least is nearest to the truth.
      samples[samples.length - 1] = {
        atMs: last.atMs,
        aheadMs: Math.max(last.aheadMs, aheadMs),
      };
      return;
    }
    samples.push({ atMs: word.monotonicMs, aheadMs });
    if (samples.length > limits.clockSamples) samples.shift();
  }

  /** Milliseconds; undefined where nothing can be said yet. */
  offsetMs(peer: Principal): number | undefined {
    const samples = this.#samples.get(peer) ?? [];
    if (samples.length < limits.clockSamplesLeast) return undefined;
    return Math.round(median(samples.map(({ aheadMs }) => aheadMs)));
  }

  /** The link is gone: what was heard on it is nobody's clock any more. */
  forget(peer: Principal): void {
    this.#samples.delete(peer);
  }
}
