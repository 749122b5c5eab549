/**
 * What a till tells its screens of its links: kinds and values, never sentences, so that every language has its own.
 * Names, codes and counts only: nothing that a peer wrote, no path, no secret.
 */

/** Why a dial came to nothing; each is explained where it is decided, in the mesh. */
export type DialCauseView =
  | 'noAnswer'
  | 'nothingListens'
  | 'nameUnknown'
  | 'noWay'
  | 'notTls'
  | 'otherCompany'
  | 'badCertificate'
  | 'otherTill'
  | 'turnedAway'
  | 'refused'
  | 'revoked'
  | 'ended'
  | 'failed';

/** Why a peer got no link from this till. */
export type RefusedView =
  | 'barred'
  | 'revoked'
  | 'not admitted'
  | 'cut'
  | 'pausing'
  | 'too many greeting'
  | 'greeting took too long'
  | 'version'
  | 'self'
  | 'identity in use'
  | 'no sign of life';

/** An address that this till dials. */
export type DialView = {
  readonly host: string;
  readonly port: number;
  /** Failed tries in a row. */
  readonly attempts: number;
  /** Of the last one; absent where none failed yet. */
  readonly cause?: DialCauseView;
  /** When it is tried again, milliseconds since 1970; absent while it is being tried, and where it is left alone. */
  readonly nextTryAtMs?: number;
};

export type MeshNews =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'notListening'; readonly code: string }
  | { readonly kind: 'linked' | 'unlinked' }
  /** `revoked`, `identity` (another device uses this till's): that is why, says the peer. */
  | { readonly kind: 'turnedAway'; readonly revoked?: true; readonly identity?: true }
  | {
      readonly kind: 'dialFailed';
      readonly host: string;
      readonly port: number;
      readonly cause: DialCauseView;
    }
  | { readonly kind: 'refused'; readonly why: RefusedView }
  /** Barred until a person lets it back. */
  | { readonly kind: 'hostile'; readonly code: string }
  | { readonly kind: 'storm'; readonly pauseMs: number }
  | {
      readonly kind:
        'reset' | 'slow' | 'peerError' | 'doubleIdentity' | 'unknownType' | 'damaged' | 'storage';
    }
  | { readonly kind: 'invalidRecord'; readonly list: string }
  | { readonly kind: 'clockOffset'; readonly offsetMs: number }
  /** `writer` is the terminal whose entry it is: `S01-T2`. */
  | { readonly kind: 'clockTooFar' | 'forked'; readonly writer: string }
  /** Head office keeps `writer` out, since `atMs` by its clock. */
  | {
      readonly kind: 'revoked';
      readonly writer: string;
      readonly reason: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'incarnationBegun';
      readonly reason: 'enrolled' | 'copied' | 'restored' | 'forked';
    }
  | { readonly kind: 'release'; readonly n: number; readonly products: number }
  /** `code` of the catalogue of errors, where it has one. */
  | { readonly kind: 'fault' | 'error'; readonly code?: string };

/** The values of one kind. */
export type NewsOf<Kind extends MeshNews['kind'], News = MeshNews> = News extends {
  readonly kind: infer Kinds;
}
  ? Kind extends Kinds
    ? News
    : never
  : never;

export type MeshEvent = MeshNews & {
  readonly wallMs: number;
  /** The principal whom it is about. */
  readonly peer?: string;
  /** The same one so often; absent for once. */
  readonly times?: number;
};
