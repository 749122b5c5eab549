/**
 * Who signed a change of a shared document: the chain stands in its message, so that it is judged by itself, whoever
 * carries it and whatever is known here. Whether that one may write the document is the caller's matter.
 */
import { TillmeshError } from '../domain/errors.ts';
import type { VerifiedChain } from '../trust/chain.ts';
import { readSignedChange } from '../trust/signed-change.ts';
import type { Keyring } from './keyring.ts';
import { asForgery } from './list-changes.ts';

/** `document` is its name. Throws CHANGE_NOT_CANONICAL, ENTRY_MALFORMED, ENTRY_FORGED. */
export function signerOf(keyring: Keyring, change: Uint8Array, document: string): VerifiedChain {
  const signed = readSignedChange(change, document);
  let by;
  try {
    by = keyring.read(signed.fields).verified;
  } catch (cause) {
    throw asForgery(cause, document);
  }
  if (!signed.isSignedBy(by.verify)) throw new TillmeshError('ENTRY_FORGED', document);
  return by;
}
