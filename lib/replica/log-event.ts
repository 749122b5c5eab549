/** Events of a replica in the log: by what a person should look at. Events hold names, codes and counts, never contents. */
import type { Logger } from '../host/log.ts';

const alarming = new Set([
  'hostile',
  'doubleIdentity',
  'damaged',
  'error',
  'fault',
  'storage',
  'forked',
  'invalidRecord',
  'clockTooFar',
  'revoked',
  'entriesGone',
  'revocationGone',
  'numbersSetBack',
]);
const chatter = new Set(['dialFailed', 'refused', 'turnedAway', 'double']);

export function logEvent(log: Logger, event: { readonly kind: string }): void {
  const fields = 'error' in event ? { err: event.error } : event;
  if (alarming.has(event.kind)) log.warn(fields, event.kind);
  else if (chatter.has(event.kind)) log.debug(fields, event.kind);
  else log.info(fields, event.kind);
}
