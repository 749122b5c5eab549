/**
 * The border: what comes from outside passes here before anything looks into it. Values must be plain JSON of
 * bounded depth, without keys that reach into JavaScript's objects; then a zod schema decides.
 */
import type { z } from 'zod';
import { limits } from './limits.ts';
import { plainWords } from './plain-words.ts';

export type Crossing<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly string[] };

const problemsShown = 10;
const problemCharacters = 200;

/** Names that every object has or that rewrite its prototype: never a key, an id or a code. */
export const isReservedKey = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';

/** Reads a value with a schema. Problems are short sentences with the place (`lines.3.sku: …`), never the value. */
export function readWith<Value>(schema: z.ZodType<Value>, value: unknown): Crossing<Value> {
  const unsafe = unsafeJson(value);
  if (unsafe !== undefined) return { ok: false, problems: [unsafe] };
  const result = schema.safeParse(value, { error: plainWords });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.slice(0, problemsShown).map((issue) => {
    const place = issue.path.join('.');
    return shorten(place === '' ? issue.message : `${place}: ${issue.message}`);
  });
  const more = result.error.issues.length - problems.length;
  return { ok: false, problems: more > 0 ? [...problems, `and ${more} more`] : problems };
}

const shorten = (text: string): string =>
  text.length <= problemCharacters ? text : `${text.slice(0, problemCharacters)}…`;

/** Why a value is not plain JSON that may be looked into; undefined when it is. */
export function unsafeJson(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= limits.jsonDepth) return `nested deeper than ${limits.jsonDepth}`;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const unsafe = unsafeJson(item, depth + 1);
      if (unsafe !== undefined) return unsafe;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return 'not a plain object';
  for (const [key, item] of Object.entries(value)) {
    if (isReservedKey(key)) return `the key ${key} is not allowed`;
    const unsafe = unsafeJson(item, depth + 1);
    if (unsafe !== undefined) return unsafe;
  }
  return undefined;
}
