/**
 * A change of a shared document, signed as a whole by whoever made it. Actor ids are only claims: without this anybody
 * could use a writer's actor and its next seq, and the writer's own next change could never be taken in again.
 */
import { TillmeshError } from '../domain/errors.ts';
import { fromBase64Url, toBase64Url, concatBytes } from '../journal/bytes.ts';
import { canonicalText, decodeCanonical, type Json } from '../journal/canonical-json.ts';
import { splitMessage, withMessage } from '../journal/change-message.ts';
import type { Signer, Verifier } from '../journal/envelope.ts';

/** What the message of a signed change says beside its signature. */
export type ChangeFields = Readonly<Record<string, Json>>;

export type SignedChange = {
  readonly fields: ChangeFields;
  readonly isSignedBy: (verify: Verifier) => boolean;
};

// The same keys sign entries and records: none may stand for another.
const domain = 'tillmesh/1/change:';

/** `document` is the document's name: a change of one is worth nothing in another. The change must have no message. */
export function signChange(
  change: Uint8Array,
  document: string,
  signer: Signer,
  fields: ChangeFields = {},
): Uint8Array {
  const { bareHash, message } = splitMessage(change);
  if (message !== '')
    throw new TillmeshError('INVARIANT', `a change of ${document} with a message`);
  const sig = toBase64Url(signer(signedBytes(document, bareHash, fields)));
  return withMessage(change, canonicalText({ ...fields, sig }));
}

/** Throws CHANGE_NOT_CANONICAL, or ENTRY_MALFORMED where there is no signature to check. */
export function readSignedChange(change: Uint8Array, document: string): SignedChange {
  const { message, bareHash } = splitMessage(change);
  const value = decodeCanonical(new TextEncoder().encode(message));
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new TillmeshError('ENTRY_MALFORMED', 'change: no object');
  const { sig, ...fields } = value as ChangeFields;
  const signature = typeof sig === 'string' ? fromBase64Url(sig) : undefined;
  if (signature?.length !== 64) throw new TillmeshError('ENTRY_MALFORMED', 'change: sig');
  return {
    fields,
    isSignedBy: (verify) => verify(signedBytes(document, bareHash, fields), signature),
  };
}

function signedBytes(document: string, bareHash: Uint8Array, fields: ChangeFields): Uint8Array {
  const text = new TextEncoder().encode(`${domain}${document}\n${canonicalText(fields)}\n`);
  return concatBytes([text, bareHash]);
}
