/**
 * The one byte form of a value: RFC 8785 (JSON Canonicalization Scheme) restricted to what we write:
 * safe integers, well-formed strings, booleans, null, arrays, plain objects. Bytes in any other form are refused,
 * so a value and its hash determine each other.
 */
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws ENTRY_MALFORMED for fractions, unsafe integers, lone surrogates, `undefined`, functions and `__proto__` keys. */
export function encodeCanonical(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

export function canonicalText(value: unknown): string {
  return write(value, 0);
}

/** The members of an object as they stand in its canonical text, in order: what is signed is that text less one member. */
export function canonicalMembers(value: object): [key: string, text: string][] {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.sort(byKey).map(([key, member]) => [key, memberText(key, member, 0)]);
}

/** Reads bytes that must be canonical; ENTRY_MALFORMED otherwise. */
export function decodeCanonical(bytes: Uint8Array): Json {
  let text: string;
  let value: Json;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new TillmeshError('ENTRY_MALFORMED', 'not JSON', { cause });
  }
  // The engine's own writer is much faster than ours, and agrees with it wherever keys are in order and strings whole.
  const isPlainlyCanonical =
    isOrdered(value, 0) && !text.includes(surrogateEscape) && JSON.stringify(value) === text;
  if (!isPlainlyCanonical && write(value, 0) !== text)
    throw new TillmeshError('ENTRY_MALFORMED', 'not canonical');
  return value;
}

/** JSON.stringify escapes lone surrogates and nothing else so. */
const surrogateEscape = String.raw`\ud`;

/** What `write` looks at beyond the text: the order of keys, exact numbers, depth, no `__proto__`. */
function isOrdered(value: Json, depth: number): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= limits.jsonDepth) return false;
  if (Array.isArray(value)) return value.every((item: Json) => isOrdered(item, depth + 1));
  let before = '';
  for (const key of Object.keys(value)) {
    const member = (value as { readonly [key: string]: Json })[key] ?? null;
    if (key < before || key === '__proto__' || !isOrdered(member, depth + 1)) return false;
    before = key;
  }
  return true;
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) refuse(`number ${value}`);
    return String(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (depth >= limits.jsonDepth) refuse('nested too deep');
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i ? ',' : '') + write(value[i], depth + 1);
    return `${text}]`;
  }
  if (typeof value !== 'object' || !isPlain(value)) refuse(`a ${typeof value}`);
  let text = '{';
  // The default sort compares UTF-16 code units, which is RFC 8785's order.
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    text += (text.length > 1 ? ',' : '') + memberText(key, member, depth);
  }
  return `${text}}`;
}

function memberText(key: string, member: unknown, depth: number): string {
  if (key === '__proto__') refuse('key __proto__');
  return `${quote(key)}:${write(member, depth + 1)}`;
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function quote(text: string): string {
  if (!text.isWellFormed()) refuse('lone surrogate');
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(what: string): never {
  throw new TillmeshError('ENTRY_MALFORMED', what);
}
