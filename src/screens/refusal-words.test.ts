import { expect, test } from 'vitest';
import { refusal, refusals, type RefusalCode } from '#lib/domain/refusals.ts';
import { refusalWords } from './refusal-words.ts';

test('every refusal has words by its code alone, whatever sentence came with it', () => {
  for (const code of Object.keys(refusals) as RefusalCode[]) {
    const { message } = refusal(code);
    expect(refusalWords({ code, message: 'in another language' })).toBe(message);
    expect(refusalWords({ ...refusal(code, 'GR0003'), message: '' })).toBe(`${message} (GR0003)`);
  }
});

test.each(['LATER', 'toString', '__proto__'])(
  'a code of a later version keeps its sentence: %s',
  (code) => {
    expect(refusalWords({ code, message: 'Not today.' })).toBe('Not today.');
  },
);
