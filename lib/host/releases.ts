/** Releases of head office's data and which till has which, as its pages show them. Plain values. */
import type { StoreId, TerminalId } from '../domain/ids.ts';
import type { ReleaseView } from '../domain/releases.ts';

export type HqReleases = {
  readonly nowMs: number;
  /** The newest first, at most `limits.releasesShown`. */
  readonly releases: readonly ReleaseView[];
  readonly stores: readonly {
    readonly store: StoreId;
    readonly name?: string;
    readonly tills: readonly {
      readonly terminal: TerminalId;
      readonly linked: boolean;
      /** By its own word; absent while it is not linked, and before its first. */
      readonly inForce?: number;
    }[];
  }[];
};
