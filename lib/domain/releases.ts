/** Releases of head office's data as people see them: who signed which, what it changed, what keeps one out of force. */
import type { Principal } from './ids.ts';

export type ReleaseView = {
  readonly n: number;
  /** The relay whose key signed it. */
  readonly signedBy: Principal;
  /** Hex SHA-256 of the issuing key that stands behind that relay; absent where it is the company's root itself. */
  readonly issuerKey?: string;
  /** By the relay's clock; absent for one by a version of before. */
  readonly atMs?: number;
  /** Documents that differ from the release before, by name; all of them in the first. */
  readonly changed: readonly string[];
};

/** As one till has them. */
export type ReleasesHere = {
  /** Absent before the first. */
  readonly inForce?: ReleaseView;
  /** A newer one that is signed and known here, and cannot be put in force: these documents are not all here. */
  readonly waiting?: ReleaseView & { readonly missing: readonly string[] };
  /** This one was in force here already: the documents on this disk have been set back since. */
  readonly setBackFrom?: number;
};
