import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readWith } from './border.ts';
import { isCleanText, isDay } from './fields.ts';
import { limits } from './limits.ts';

const anything = z.looseObject({});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let i = 1; i < depth; i++) value = { inner: value };
  return value;
}

describe('P8: nothing from outside reaches into the program', () => {
  it.each([
    '{"__proto__":{"polluted":true}}',
    '{"a":{"constructor":{"prototype":{}}}}',
    '{"a":[{"prototype":1}]}',
  ])('refuses %s', (json) => {
    expect(readWith(anything, JSON.parse(json))).toMatchObject({ ok: false });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses nesting that nobody writes, before it can overflow anything', () => {
    expect(readWith(anything, nested(limits.jsonDepth)).ok).toBe(true);
    expect(readWith(anything, nested(limits.jsonDepth + 1)).ok).toBe(false);
    expect(readWith(anything, nested(100_000)).ok).toBe(false);
  });

  it('refuses objects that are more than data', () => {
    expect(readWith(anything, new Map()).ok).toBe(false);
    expect(readWith(anything, { at: new Date(0) }).ok).toBe(false);
  });

  it('keeps its answer short whatever was sent', () => {
    const keys = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 1]));
    const one = readWith(z.strictObject({}), { ['x'.repeat(1_000_000)]: 1 });
    const many = readWith(z.strictObject({}), keys);
    const each = readWith(
      z.array(z.string()),
      Array.from({ length: 5_000 }, () => 1),
    );
    for (const result of [one, many, each]) {
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result).length).toBeLessThan(3_000);
    }
  });
});

describe('fields', () => {
  it.each(['plain', 'Łódź £40.00', 'سعر', 'emoji 🧾', ' trailing '])('%j is clean text', (text) => {
    expect(isCleanText(text)).toBe(true);
  });
  it.each(['\u0000', 'a\nb', 'a\tb', '\u007f', '\u0085', '\u2028', '\ud83e', '\udfff x'])(
    '%j is not',
    (text) => {
      expect(isCleanText(text)).toBe(false);
    },
  );
  it.each([
    ['2026-11-20', true],
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['2026-02-29', false],
    ['1900-02-29', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-04-31', false],
    ['2026-1-1', false],
    ['2026-11-20T00:00', false],
  ])('%s is a day: %s', (text, day) => {
    expect(isDay(text)).toBe(day);
  });
});
