/** The releases of head office's data as its pages show them: who signed which, what it changed, which till has which. */
import type { StoreId } from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import type { TillHealth } from '../lib/host/hq-services.ts';
import type { HqReleases } from '../lib/host/releases.ts';
import { releaseView, signedReleases } from '../lib/replica/releases.ts';
import type { Relay } from './relay.ts';

export function hqReleases(
  { replica }: Pick<Relay, 'replica'>,
  stores: readonly {
    readonly store: StoreId;
    readonly name?: string;
    readonly tills: readonly TillHealth[];
  }[],
  nowMs: number,
): HqReleases {
  const all = signedReleases(replica);
  return {
    nowMs,
    releases: all
      .slice(0, limits.releasesShown)
      .map((release, n) => releaseView(release, all[n + 1])),
    stores: stores.map(({ tills, ...store }) => ({
      ...store,
      tills: tills.map(({ terminal, linked, principal }) => {
        const inForce = linked ? replica.voice.presence.of(principal)?.release : undefined;
        return { terminal, linked, ...(inForce !== undefined && { inForce }) };
      }),
    })),
  };
}
