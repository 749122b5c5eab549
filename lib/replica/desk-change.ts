/**
 * One change of a desk, as its bytes: the canonical insert of an edit after its writer's change before, signed as a whole.
 * Many write a desk, and Automerge breaks (panics, saves what it cannot load) over changes that claim operations, places
 * or predecessors that are not there. So a desk is a list of such inserts and nothing else is ever let into it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { actorPrefixOf } from '../documents/names.ts';
import type { DeskRule } from '../documents/registry.ts';
import { readEnvelope, type DeskEdit, type DeskEnvelope } from '../domain/desk-cart.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes, toHex } from '../journal/bytes.ts';
import {
  readEntryChange,
  writeEntryChange,
  type ChangePlace,
  type ClaimedChange,
} from '../journal/canonical-change.ts';
import { decodeCanonical, encodeCanonical, type Json } from '../journal/canonical-json.ts';
import { splitMessage, withMessage } from '../journal/change-message.ts';
import type { Signer } from '../journal/envelope.ts';
import type { VerifiedChain } from '../trust/chain.ts';
import { readSignedChange, signChange } from '../trust/signed-change.ts';
import { signerOf } from './change-signer.ts';
import { rosterRecord, type Keyring, type Member } from './keyring.ts';
import { placeOfGenesis } from './roster-change.ts';

/** Who writes under an actor: the actor's first change carries the chain, and the others need not. */
export type DeskWriter = Pick<VerifiedChain, 'identity' | 'principal' | 'verify'>;
export type WriterOf = (actor: string) => DeskWriter | undefined;

/** A change that is right by itself. Whether it follows what it says is `DeskLog`'s matter. */
export type DeskChange = {
  readonly bytes: Uint8Array;
  readonly place: ChangePlace;
  /** Hash of the writer's change before, or of the genesis. */
  readonly dep: string;
  readonly writer: DeskWriter;
  readonly envelope: DeskEnvelope;
};

export function writeDeskChange(
  rule: DeskRule,
  edit: DeskEdit,
  previous: ChangePlace,
  actor: string,
  writer: { readonly member: Member; readonly sign: Signer },
): { bytes: Uint8Array; place: ChangePlace } {
  const bare = writeEntryChange(encodeCanonical(edit), actor, previous, placeOfGenesis(rule));
  const { chain, letter } = writer.member;
  const fields = bare.place.actorSeq === 1 ? rosterRecord(chain, letter) : {};
  const bytes = signChange(bare.bytes, rule.name, writer.sign, fields);
  return { bytes, place: { ...bare.place, hash: hashOfChange(bytes) } };
}

/**
 * Reads and judges a change by itself, its run lengths bounded before: no honest till carries one that throws here.
 * Throws OVER_LIMIT, CHANGE_NOT_CANONICAL, ENTRY_MALFORMED, ENTRY_FORGED, NOT_THE_WRITER. Undefined where nobody here knows
 * whose actor it is: neither its first change nor its writer's record in the roster has come.
 */
export function readDeskChange(
  rule: DeskRule,
  bytes: Uint8Array,
  keyring: Keyring,
  writerOf: WriterOf,
): DeskChange | undefined {
  if (bytes.length > limits.deskChangeBytes)
    throw new TillmeshError('OVER_LIMIT', `change of a desk of ${bytes.length} bytes`);
  const { bare, hash } = unsigned(rule, bytes);
  const { actor, actorSeq } = bare.place;
  const writer =
    actorSeq === 1
      ? signerOf(keyring, bytes, rule.name)
      : signerOfLater(rule, bytes, writerOf(actor));
  if (!writer) return undefined;
  const { identity, principal } = writer;
  if (identity.store !== rule.store) throw new TillmeshError('NOT_THE_WRITER', rule.name);
  if (!actor.startsWith(actorPrefixOf(principal)))
    throw new TillmeshError('NOT_THE_WRITER', 'actor');
  const envelope = readEnvelope(editOf(bare.blob));
  if (!envelope) throw new TillmeshError('ENTRY_MALFORMED', rule.name);
  const { life = identity.incarnation } = envelope;
  if (envelope.terminal !== identity.terminal || life !== identity.incarnation)
    throw new TillmeshError('NOT_THE_WRITER', `${envelope.terminal} in the name of another`);
  return { bytes, place: { ...bare.place, hash }, dep: bare.dep, writer, envelope };
}

function signerOfLater(
  rule: DeskRule,
  bytes: Uint8Array,
  writer: DeskWriter | undefined,
): DeskWriter | undefined {
  const signed = readSignedChange(bytes, rule.name);
  if (Object.keys(signed.fields).length > 0)
    throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.name}: message`);
  if (writer && !signed.isSignedBy(writer.verify))
    throw new TillmeshError('ENTRY_FORGED', rule.name);
  return writer;
}

/** Whom the message of a change that is in a desk names, where it is its actor's first. */
export function writerNamedBy(message: string | null, keyring: Keyring): DeskWriter | undefined {
  try {
    return keyring.read(decodeCanonical(new TextEncoder().encode(message ?? ''))).verified;
  } catch (error) {
    // Of what was let in by an older rule: nobody is known by it.
    if (!isTillmeshError(error)) throw error;
    return undefined;
  }
}

/** The change without its signature, in the only form that it may have: a link in the chain of one actor. */
function unsigned(rule: DeskRule, bytes: Uint8Array): { bare: ClaimedChange; hash: string } {
  const { message } = splitMessage(bytes);
  const bareBytes = withMessage(bytes, '');
  // The one encoding: nothing hides in its checksum or in the length of a number.
  if (!equalBytes(withMessage(bareBytes, message), bytes))
    throw new TillmeshError('CHANGE_NOT_CANONICAL', rule.name);
  const start = placeOfGenesis(rule);
  const bare = readEntryChange(bareBytes, start);
  const { actor, actorSeq, op } = bare.place;
  const isFirst = bare.dep === start.hash;
  const isChained =
    op === actorSeq + 1 &&
    isFirst === (actorSeq === 1) &&
    bare.after === (isFirst ? undefined : actor);
  if (!isChained) throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.name}: place`);
  return { bare, hash: hashOfChange(bytes) };
}

/** As Automerge knows it, hex. */
export const hashOfChange = (bytes: Uint8Array): string => toHex(sha256(bytes.subarray(8)));

/** The edit in its canonical form; undefined where it is not. */
export function editOf(blob: Uint8Array): Json | undefined {
  try {
    return decodeCanonical(blob);
  } catch (error) {
    if (!isTillmeshError(error)) throw error;
    return undefined;
  }
}
