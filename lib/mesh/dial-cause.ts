/**
 * Why a dial came to nothing, as a word of a closed list. What the network or a peer said in its own words is for the
 * log: it never gets any further.
 */
import { isTillmeshError } from '../domain/errors.ts';

export type DialCause =
  /** Nobody said anything in time: switched off, another network, a firewall. */
  | 'noAnswer'
  /** The machine is there, and nothing listens on this port. */
  | 'nothingListens'
  | 'nameUnknown'
  /** This machine has no way there: no network, another subnet. */
  | 'noWay'
  /** Something answered that speaks no TLS 1.3. */
  | 'notTls'
  /** A certificate that does not lead to this company's CA. */
  | 'otherCompany'
  | 'badCertificate'
  /** Another till than the one that was announced at this address. */
  | 'otherTill'
  /** The other end turned this till's certificate away: another company. */
  | 'turnedAway'
  /** The other end gives this till no link: barred, not admitted, or its identity is in use. */
  | 'refused'
  /** Head office has revoked this till, says the other end. */
  | 'revoked'
  /** The connection broke before or soon after it was a link. */
  | 'ended'
  | 'failed';

/** Codes of Node's sockets, its TLS, and the details that `tls-dial.ts` makes. */
const byDetail: readonly (readonly [RegExp, DialCause])[] = [
  [/^(?:no answer|ETIMEDOUT|no answer to the upgrade)$/, 'noAnswer'],
  [/^ECONNREFUSED$/, 'nothingListens'],
  [/^(?:ENOTFOUND|EAI_\w+)$/, 'nameUnknown'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'noWay'],
  [/^(?:EPROTO|ERR_SSL_\w+)$/, 'notTls'],
  [/^\S+ is \S+-[0-9a-f]{16}$/, 'otherTill'],
  [/response: 403$/, 'turnedAway'],
  [/^(?:ECONNRESET|EPIPE|socket hang up)$|disconnected before|response: \d{3}$/, 'ended'],
];

export function dialCauseOf(error: unknown): DialCause {
  if (!isTillmeshError(error)) return 'failed';
  if (error.code === 'CERTIFICATE_UNTRUSTED') return 'otherCompany';
  if (error.code === 'CERTIFICATE_MALFORMED') return 'badCertificate';
  const { detail } = error;
  return byDetail.find(([pattern]) => pattern.test(detail))?.[1] ?? 'failed';
}
