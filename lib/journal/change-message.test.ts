import * as A from '@automerge/automerge';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { toHex } from './bytes.ts';
import { splitMessage, withMessage } from './change-message.ts';

const actor = 'ab'.repeat(16);

function changeOf(message: string, time: number, edit: (doc: Record<string, unknown>) => void) {
  const options = message === '' ? { time } : { time, message };
  const doc = A.change(A.init<Record<string, unknown>>({ actor }), options, edit);
  return A.getLastLocalChange(doc) ?? new Uint8Array();
}

const codeOf = (run: () => unknown) => {
  try {
    run();
    return 'read';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
};

describe('the message of a change', () => {
  it('is what Automerge reads, and the rest is what Automerge would have written without it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.integer(), { minKeys: 1 }),
        (message, time, fields) => {
          const edit = (doc: Record<string, unknown>): void => void Object.assign(doc, fields);
          const bare = changeOf('', time, edit);
          const change = withMessage(bare, message);
          expect(change).toEqual(changeOf(message, time, edit));
          expect(splitMessage(change).message).toBe(message);
          expect(toHex(splitMessage(change).bareHash)).toBe(A.decodeChange(bare).hash);
          expect(withMessage(change, '')).toEqual(bare);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of what is no single change, or is cut anywhere, is refused and nothing else is thrown', () => {
    const change = changeOf('hello', 0, (doc) => {
      doc['a'] = 1;
    });
    for (let length = 0; length < change.length; length++)
      expect(codeOf(() => splitMessage(change.subarray(0, length)))).toBe('CHANGE_NOT_CANONICAL');
    const document = A.save(A.from({ a: 1 }));
    expect(codeOf(() => splitMessage(document))).toBe('CHANGE_NOT_CANONICAL');
    fc.assert(
      fc.property(fc.nat(change.length - 1), fc.nat(255), (at, byte) => {
        const damaged = change.slice();
        damaged[at] = byte;
        expect(['read', 'CHANGE_NOT_CANONICAL']).toContain(codeOf(() => splitMessage(damaged)));
      }),
    );
  });
});
