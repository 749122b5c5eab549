/**
 * One line of a self-test or of the doctor: what was looked at, how it is, and what was found there as kind and
 * values. What to do about it is a text of each language, beside the words for what was found.
 */
export type CheckState = 'ok' | 'warn' | 'fail';

/** Short and stable. */
export type CheckName =
  | 'own-port'
  | 'own-tls'
  | 'address'
  | 'certificate'
  | 'relay-name'
  | 'relay-port'
  | 'relay-tls'
  | 'clock'
  | 'disk-space'
  | 'witness'
  | 'figures';

/** `code` is one of the system or of the catalogue of errors, for the support; `at` is `host:port`. */
export type Found =
  | { readonly found: 'space'; readonly freeBytes: number }
  | { readonly found: 'notEnrolled' | 'nothingRecorded' }
  | { readonly found: 'identity'; readonly principal: string; readonly notAfterMs: number }
  | { readonly found: 'identityOver'; readonly principal: string; readonly notAfterMs: number }
  | { readonly found: 'identityBroken'; readonly code: string }
  | { readonly found: 'name'; readonly host: string; readonly address: string }
  | { readonly found: 'noName'; readonly host: string; readonly code: string }
  | { readonly found: 'answers'; readonly at: string }
  | { readonly found: 'silent'; readonly at: string; readonly code: string }
  | { readonly found: 'protocol'; readonly at: string; readonly protocol: string }
  | { readonly found: 'noTls'; readonly at: string; readonly code: string }
  /** A handshake of this till with itself, by its own certificate. */
  | { readonly found: 'ownHandshake'; readonly protocol: string }
  | { readonly found: 'ownHandshakeOfAnother'; readonly at: string }
  | { readonly found: 'addresses'; readonly addresses: readonly string[] }
  | { readonly found: 'noAddress' }
  /** Listens for this machine alone, as it was told. */
  | { readonly found: 'loopbackOnly' }
  /** The same, and head office is on this machine as well: a shop on one machine, to try things out. */
  | { readonly found: 'oneMachine' }
  /** How far the clocks are apart, without a sign. */
  | { readonly found: 'clock'; readonly of: string; readonly offMs: number }
  | { readonly found: 'noClock'; readonly of: string }
  | { readonly found: 'nobodyToCompare' }
  | { readonly found: 'noRelay' }
  | { readonly found: 'witness'; readonly seq: number }
  | { readonly found: 'witnessBehind' }
  | { readonly found: 'figures'; readonly journals: number }
  | { readonly found: 'figuresBehind'; readonly journals: number }
  | { readonly found: 'tookTooLong' }
  | { readonly found: 'broke'; readonly code: string };

export type Check = Found & { readonly check: CheckName; readonly state: CheckState };

export function checked<Kind extends Found>(
  check: CheckName,
  state: CheckState,
  found: Kind,
): Kind & { readonly check: CheckName; readonly state: CheckState } {
  return { ...found, check, state };
}

/** Of a system error its code, of any other nothing but its name: messages may hold paths. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.name : 'unknown';
}
