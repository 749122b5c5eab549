/**
 * Flags: what a person should look at. A flag's id is its kind and subject, so every replica raises the same one
 * once; causes are its content.
 */

/** Each kind with its name for people. */
export const flagKinds = {
  'field-conflict': 'Two edits of one field',
  oversell: 'More sold than there was',
  'concurrent-count': 'Two counts that did not know of each other',
  'count-doubt': 'Sold around the time of a count',
  'duplicate-sale': 'The same sale twice',
  'duplicate-payment': 'The same payment twice',
  'over-refund': 'More came back than was sold',
  'double-spend': 'A voucher or credit was spent twice',
  'price-older-than-release': 'Sold at a price that was no longer in force',
  'inactive-item-sold': 'Sold though no longer in the catalogue',
  'expired-item-sold': 'Sold after its expiry date',
  'recalled-item-sold': 'Sold though recalled',
  'transfer-short': 'A transfer arrived short',
  'transfer-over': 'A transfer arrived with too much',
  'transfer-double-receipt': 'A transfer was received twice',
  'drawer-difference': 'The drawer does not hold what it should',
  'duplicate-zz': 'Two store closings of one day',
  'terminal-fork': 'One terminal exists twice',
  'beyond-revocation': 'A revoked till wrote more than head office knew of',
  'clock-drift': 'A clock is wrong',
  'clock-changed': 'A till’s clock was set to another time',
  'failed-offline-payment': 'A payment taken offline failed',
  'unknown-payment-outcome': 'Nobody knows whether a payment went through',
  'blocked-customer': 'Sold to a blocked customer',
  'credit-limit-passed': 'A customer’s credit limit was passed',
  'number-hole': 'A document number is missing',
  'number-double': 'Two documents with one number',
  'foreign-write': 'Somebody wrote what is not theirs',
  'files-changed': 'Files of a till are not as it left them',
  'refused-document': 'The archive refused a document',
} as const satisfies Record<string, string>;

export type FlagKind = keyof typeof flagKinds;

/**
 * `kind` and the parts of its subject, for example (`over-refund`, [journal, seq, line]). Different subjects give
 * different ids: `|` and `\` within a part are escaped.
 */
export function flagId(kind: FlagKind, subject: string | readonly (string | number)[]): string {
  const parts = typeof subject === 'string' ? [subject] : subject;
  return [kind, ...parts.map((part) => String(part).replace(/[\\|]/g, '\\$&'))].join('|');
}
