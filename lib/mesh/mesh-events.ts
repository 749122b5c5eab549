/**
 * Everything that the mesh tells about itself. Names, codes and counts only: what a peer wrote in a message
 * never stands in an event, because events are logged.
 */
import type { ErrorCode } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import type { DialCause } from './dial-cause.ts';

export type MeshEvent =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'notListening'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'linked'; readonly peer: Principal; readonly dialled: boolean }
  | { readonly kind: 'unlinked'; readonly peer: Principal }
  | {
      readonly kind: 'dialFailed';
      readonly host: string;
      readonly port: number;
      /** Whose address it is, where that is known. */
      readonly peer?: Principal;
      readonly cause: DialCause;
      readonly code: ErrorCode;
      readonly detail: string;
      /** 1 for the first of a row. */
      readonly attempt: number;
      readonly retryMs: number;
    }
  | { readonly kind: 'refused'; readonly peer: Principal; readonly why: Refused }
  /** The other end ended the link and wants none: it has barred this till, does not admit it, or says that it was revoked. */
  | {
      readonly kind: 'turnedAway';
      readonly peer: Principal;
      readonly revoked?: true;
      /** Another process is awake under the name of this one. */
      readonly identity?: true;
    }
  /** Both ends dialled; one of the two links stays. */
  | { readonly kind: 'double'; readonly peer: Principal; readonly kept: 'old' | 'new' }
  /** The peer is barred until a person pardons it. `document` where the offence had one. */
  | {
      readonly kind: 'hostile';
      readonly peer: Principal;
      readonly code: ErrorCode;
      readonly detail: string;
      readonly document?: string;
    }
  /** Something of our own threw: the link began anew, nobody was barred. */
  | { readonly kind: 'fault'; readonly peer?: Principal; readonly error: unknown }
  /** More messages than any exchange needs: the link begins anew after a pause that grows. */
  | {
      readonly kind: 'storm';
      readonly peer: Principal;
      readonly cause: 'document' | 'frames';
      readonly pauseMs: number;
    }
  | { readonly kind: 'reset'; readonly peer: Principal; readonly why: string }
  | { readonly kind: 'slow'; readonly peer: Principal; readonly bufferedBytes: number }
  | { readonly kind: 'unknownType'; readonly peer: Principal; readonly type: string }
  | { readonly kind: 'peerError'; readonly peer: Principal }
  /** An alarm: two processes live with one identity (a copied till). `peer` may be our own name. */
  | { readonly kind: 'doubleIdentity'; readonly peer: Principal; readonly instance: string };

export type Refused =
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
