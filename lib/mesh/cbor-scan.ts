/**
 * A walk over CBOR bytes before they are decoded: depth, number of values and kinds are bounded, nothing is built.
 * The decoder below it is recursive, knows tags that compile code and share structure, and takes endless lengths:
 * none of these is in the protocol, so none of them may reach it.
 */
import { TillmeshError } from '../domain/errors.ts';

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;

export type CborLimits = { readonly depth: number; readonly items: number };

/** Throws FRAME_MALFORMED unless `bytes` hold exactly one plain value within the limits. */
export function scanCbor(bytes: Uint8Array, limits: CborLimits): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values still to come per open array or map; a map counts keys and values. */
  const open: { left: number; readonly map: boolean }[] = [{ left: 1, map: false }];
  let at = 0;
  let items = 0;

  while (open.length > 0) {
    const inner = open[open.length - 1];
    if (inner === undefined || inner.left === 0) {
      open.pop();
      continue;
    }
    const isKey = inner.map && inner.left % 2 === 0;
    inner.left -= 1;
    items += 1;
    if (items > limits.items) throw malformed('too many values');
    if (at >= bytes.length) throw malformed('cut short');

    const first = view.getUint8(at);
    const major = first >> 5;
    const info = first & 31;
    at += 1;
    if (isKey && major !== TEXT) throw malformed('a key that is no text');

    if (major === 7) {
      at += simpleLength(info);
      continue;
    }
    const width = argumentWidth(info);
    if (at + width > bytes.length) throw malformed('cut short');
    const argument = readArgument(view, at, info, width);
    at += width;

    if (major === BYTES || major === TEXT) at += argument;
    else if (major === ARRAY || major === MAP) {
      if (open.length > limits.depth) throw malformed('too deep');
      // Every value takes a byte at least: a longer claim can never be met.
      if (argument > bytes.length - at) throw malformed('cut short');
      open.push({ left: major === MAP ? argument * 2 : argument, map: major === MAP });
    } else if (major !== UNSIGNED && major !== NEGATIVE) throw malformed('a tag');
    if (at > bytes.length) throw malformed('cut short');
  }
  if (at !== bytes.length) throw malformed('more than one value');
}

/** False, true, null, undefined; half, single and double floats. */
function simpleLength(info: number): number {
  if (info >= 20 && info <= 23) return 0;
  if (info >= 25 && info <= 27) return 1 << (info - 24);
  throw malformed('an unknown simple value');
}

function argumentWidth(info: number): number {
  if (info < 24) return 0;
  if (info <= 27) return 1 << (info - 24);
  throw malformed('an endless length');
}

function readArgument(view: DataView, at: number, info: number, width: number): number {
  if (width === 0) return info;
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at);
  if (width === 4) return view.getUint32(at);
  return Number(view.getBigUint64(at));
}

const malformed = (why: string): TillmeshError => new TillmeshError('FRAME_MALFORMED', why);
