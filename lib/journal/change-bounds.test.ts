import * as A from '@automerge/automerge';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { boundChange } from './change-bounds.ts';
import { frameChange, unsigned } from './canonical-change.ts';

const place = { actor: '07'.repeat(16), actorSeq: 1, op: 1 };

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    const last = rest < 64;
    bytes.push(last ? rest : (rest % 128) | 128);
    if (last) return bytes;
  }
}

type Column = readonly [specification: number, data: readonly number[]];

/** A change of some 60 bytes that says whatever its columns say. */
function changeOf(columns: readonly Column[]): Uint8Array {
  const body = [
    ...[0, 16, ...Array.from({ length: 16 }, () => 7), 1, 1, 0, 0, 0, columns.length],
    ...columns.flatMap(([specification, data]) => [
      ...unsigned(specification),
      ...unsigned(data.length),
    ]),
    ...columns.flatMap(([, data]) => data),
  ];
  return frameChange(Uint8Array.from(body), place).bytes;
}

const bomb = (n: number): Uint8Array =>
  changeOf([
    [0x15, [...signed(n), 1, 97]],
    [0x34, unsigned(n)],
    [0x42, [...signed(n), 0]],
    [0x56, [...signed(n), 0]],
    [0x70, [...signed(n), 0]],
  ]);

function codeOf(bytes: Uint8Array): ErrorCode | 'taken' {
  try {
    boundChange(bytes);
    return 'taken';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

type Doc = { records: Record<string, Uint8Array>; list: number[] };
const doc = () => A.from<Doc>({ records: {}, list: [] }, { actor: '01'.repeat(16) });

function changeBy(edit: (draft: Doc) => void): Uint8Array {
  const bytes = A.getLastLocalChange(A.change(doc(), { time: 0 }, edit));
  if (!bytes) throw new Error('no change');
  return bytes;
}

const code = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== '__proto__');

describe('D5: a change says how much it is before it is expanded', () => {
  it('refuses a run-length bomb by its words, not by its weight', () => {
    expect(bomb(1_000_000).length).toBeLessThan(80);
    // Decoding a single one of them takes seconds and half a gigabyte: thousands would outlast the test's time.
    for (let n = 0; n < 5_000; n++) expect(codeOf(bomb(1_000_000 + n))).toBe('OVER_LIMIT');
    expect(codeOf(bomb(2 ** 48))).toBe('OVER_LIMIT');
    expect(codeOf(bomb(limits.changeOperations + 1))).toBe('OVER_LIMIT');
    expect(codeOf(bomb(limits.changeOperations))).toBe('taken');
  });

  it.each<[string, Column]>([
    ['a boolean column', [0x34, unsigned(1e9)]],
    ['a run of nulls', [0x42, [0, ...unsigned(1e9)]]],
    ['a repeated string', [0x15, [...signed(1e9), 1, 97]]],
    ['a repeated difference', [0x13, [...signed(1e9), 1]]],
    ['a column of an unknown kind', [0x81, [...signed(1e9), 1]]],
  ])('counts %s', (_, column) => {
    expect(codeOf(changeOf([column]))).toBe('OVER_LIMIT');
  });

  it('refuses more columns than a change can have, and numbers that are none', () => {
    const many = Array.from({ length: 65 }, (): Column => [0x57, []]);
    expect(codeOf(changeOf(many))).toBe('OVER_LIMIT');
    const endless = Array.from({ length: 12 }, () => 0xff);
    expect(codeOf(changeOf([[0x42, endless]]))).toBe('CHANGE_NOT_CANONICAL');
  });

  it('takes every change that Automerge writes for a release, and counts it right', () => {
    fc.assert(
      fc.property(
        fc.dictionary(code, fc.uint8Array({ maxLength: 300 }), {
          maxKeys: 60,
        }),
        (records) => {
          expect(codeOf(changeBy((draft) => Object.assign(draft.records, records)))).toBe('taken');
        },
      ),
      { seed: 1, numRuns: 50 },
    );
    const most = limits.changeOperations;
    const numbers = (count: number) =>
      changeBy((draft) => draft.list.push(...Array.from({ length: count }, (_, n) => n)));
    expect(codeOf(numbers(most))).toBe('taken');
    expect(codeOf(numbers(most + 1))).toBe('OVER_LIMIT');
  });

  it('refuses everything but exactly one plain change', () => {
    const plain = changeBy((draft) => draft.list.push(7));
    const compressed = plain.slice();
    compressed[8] = 2;
    for (const bytes of [
      new Uint8Array(),
      plain.subarray(0, 8),
      plain.subarray(0, -1),
      Uint8Array.from([...plain, 0]),
      Uint8Array.from([...plain, ...plain]),
      plain.subarray(1),
      compressed,
      A.save(doc()),
    ])
      expect(codeOf(bytes)).toBe('CHANGE_NOT_CANONICAL');
    expect(codeOf(new Uint8Array(limits.changeBytes + 1))).toBe('OVER_LIMIT');
  });

  it('whatever bytes come, it ends with an answer', () => {
    const plain = bomb(50);
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: plain.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (edits) => {
          const bytes = plain.slice();
          for (const [at, byte] of edits) bytes[at] = byte;
          if (codeOf(bytes) !== 'taken') refused++;
        },
      ),
      { seed: 2, numRuns: 5_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});
