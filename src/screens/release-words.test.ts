import { describe, expect, test } from 'vitest';
import type { ReleaseView } from '#lib/domain/releases.ts';
import { changedWord, documentWord, signedWord, tillWord, waitingWord } from './release-words.ts';

const release: ReleaseView = {
  n: 8,
  signedBy: 'HQ-HQ1-00112233445566cc' as ReleaseView['signedBy'],
  changed: [],
};

describe('a release in words', () => {
  test.each([
    [[], 'Changed nothing'],
    [['org'], 'Changed: stores, settings, taxes and people'],
    [['catalog/1', 'org', 'catalog/9'], /people; 2 of \d+ parts of the products$/],
    [['customer-terms/1'], /^Changed: 1 of \d+ parts of the customers’ terms$/],
    [['later/1'], 'Changed: something that this version does not know (later/1)'],
  ] as const)('%j', (changed, expected) => {
    expect(changedWord({ changed })).toMatch(expected);
  });

  test.each([
    ['org', 'stores, settings, taxes and people'],
    ['catalog/0', 'products, part 1 of 16'],
    ['customer-terms/15', 'customers’ terms, part 16 of 16'],
    ['catalog/x', 'something that this version does not know (catalog/x)'],
  ])('the document %s is %s', (name, said) => {
    expect(documentWord(name)).toBe(said);
  });

  test('who signed it, when, and under which key', () => {
    expect(signedWord(release)).toBe(
      'Signed by HQ-HQ1; when is not in it, under the company’s root itself',
    );
    const issuerKey = 'c0ffee11'.repeat(8);
    expect(signedWord({ ...release, issuerKey, atMs: Date.UTC(2026, 10, 20, 12) })).toMatch(
      /^Signed by HQ-HQ1, 20 Nov, \d\d:\d\d, under issuing key c0ff ee11 c0ff$/,
    );
  });

  test('why a newer one is not in force: the first documents by name, and how many more', () => {
    const names = ['org', 'catalog/1', 'catalog/2', 'catalog/3', 'catalog/4', 'catalog/5'];
    const inForce = { ...release, n: 7 };
    expect(waitingWord({ inForce })).toBeUndefined();
    expect(waitingWord({ waiting: { ...release, missing: ['org'] } })).toMatch(
      /^Release 8 is .* here\. Not arrived in full: stores, settings, taxes and people\. The other/,
    );
    expect(waitingWord({ inForce, waiting: { ...release, missing: names } })).toMatch(
      /: .* people; products, part 2 of 16; .* part 4 of 16; and 2 more\. .* the release before it stays/,
    );
    expect(waitingWord({ inForce, setBackFrom: 9 })).toMatch(
      /^Release 9 was in force here already/,
    );
  });

  test.each([
    [{ linked: false }, 'T1: away'],
    [{ linked: true }, 'T1: none yet'],
    [{ linked: true, inForce: 8 }, 'T1: in force'],
    [{ linked: true, inForce: 7 }, 'T1: still release 7'],
    [{ linked: true, inForce: 9 }, 'T1: release 9, which is not here'],
  ] as const)('a till %j', (till, expected) => {
    expect(tillWord({ terminal: 'T1' as never, ...till }, 8)).toBe(expected);
  });
});
