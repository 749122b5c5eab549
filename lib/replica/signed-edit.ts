/**
 * Makes changes of shared documents, signed as a whole. A working copy is edited and the document takes only the finished
 * change, because a change in a document cannot get another hash.
 */
import * as A from '@automerge/automerge';
import { TillmeshError } from '../domain/errors.ts';
import type { Signer } from '../journal/envelope.ts';
import { signChange, type ChangeFields } from '../trust/signed-change.ts';

/** The change that makes this edit, by the actor of `doc`; to be applied to it. */
export function signedEdit<T>(
  doc: A.Doc<T>,
  document: string,
  signer: Signer,
  edit: A.ChangeFn<T>,
  fields: ChangeFields = {},
): Uint8Array {
  const copy = A.clone(doc, { actor: A.getActorId(doc) });
  const change = A.getLastLocalChange(A.change(copy, { time: 0 }, edit));
  if (!change) throw new TillmeshError('INVARIANT', `an edit of ${document} that changes nothing`);
  return signChange(change, document, signer, fields);
}
