/**
 * The message of an Automerge change, read and replaced in its bytes: what a signature over the whole change can stand in
 * without being part of what it signs. Nothing is expanded; what is no single uncompressed change is refused.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { TillmeshError } from '../domain/errors.ts';
import { concatBytes } from './bytes.ts';
import { frameChange, unsigned } from './canonical-change.ts';

const changeType = 1;
const typeAt = 8;
const decoder = new TextDecoder('utf-8', { fatal: true });

export type SplitChange = {
  readonly message: string;
  /** SHA-256 of the same change without a message: covers dependencies, actor, seq, time and every operation. */
  readonly bareHash: Uint8Array;
};

/** Throws CHANGE_NOT_CANONICAL. */
export function splitMessage(change: Uint8Array): SplitChange {
  const { body, from, start, end } = locate(change);
  let message: string;
  try {
    message = decoder.decode(body.subarray(start, end));
  } catch (cause) {
    throw new TillmeshError('CHANGE_NOT_CANONICAL', 'message', { cause });
  }
  const bare = concatBytes([body.subarray(0, from), Uint8Array.of(0), body.subarray(end)]);
  const tail = concatBytes([
    Uint8Array.of(changeType),
    Uint8Array.from(unsigned(bare.length)),
    bare,
  ]);
  return { message, bareHash: sha256(tail) };
}

/** The same change with another message, and so with another hash. */
export function withMessage(change: Uint8Array, message: string): Uint8Array {
  const { body, from, end } = locate(change);
  const text = new TextEncoder().encode(message);
  const next = concatBytes([
    body.subarray(0, from),
    Uint8Array.from(unsigned(text.length)),
    text,
    body.subarray(end),
  ]);
  return frameChange(next, { actor: '', actorSeq: 0, op: 0 }).bytes;
}

/** Where the message stands in a change's body: `from` its length, `start` to `end` its text. */
function locate(change: Uint8Array): {
  body: Uint8Array;
  from: number;
  start: number;
  end: number;
} {
  if (change[typeAt] !== changeType) refuse('not a single change');
  let at = typeAt + 1;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = change[at++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return refuse('number');
  };
  const skip = (length: number): void => {
    at += length;
    if (at > change.length) refuse('short');
  };
  const length = number();
  const bodyAt = at;
  if (bodyAt + length !== change.length) refuse('length');
  skip(32 * number());
  skip(number());
  // seq, first operation, time (which is signed; only its bytes are passed over)
  number();
  number();
  number();
  const from = at - bodyAt;
  const messageLength = number();
  const start = at - bodyAt;
  skip(messageLength);
  return { body: change.subarray(bodyAt), from, start, end: at - bodyAt };
}

function refuse(what: string): never {
  throw new TillmeshError('CHANGE_NOT_CANONICAL', what);
}
