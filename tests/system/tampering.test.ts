/**
 * X11: a till's directory edited by hand, each edit of the table detected and named: by the till, by those who hear of it,
 * by `verify`. The directories are real, the tills stand in this process; real processes follow in `tampering-shop`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from './tampering-cases.ts';
import { Copy, outcomeOf, prepareGround, type Found, type Ground } from './tampering-ground.ts';
import { carryOut, documentOf, page, type Row } from './tampering-table.ts';

let root: string;
let ground: Ground;
const rows: Row[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-tampering-'));
  ground = await prepareGround(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Those that were expected and not found. */
const missed = (expected: readonly Found[], found: readonly Found[]): Found[] =>
  expected.filter(
    ([code, where, seq]) =>
      !found.some(
        (one) => one[0] === code && one[1] === where && (seq === undefined || one[2] === seq),
      ),
  );

test('what nobody touched is sound to all, and the till goes on with the next number', async () => {
  const outcome = await outcomeOf(new Copy(ground, 'untouched'));
  expect(outcome).toEqual({
    start: [],
    told: [],
    verify: [],
    against: [],
    printed: ['S01-T1A-S-21', 'S01-T1A-S-22'],
  });
});

describe('X11: each edit is found and named', () => {
  const numbers = (): Set<unknown> =>
    new Set(ground.entries.map(({ entry }) => entry.body['number']));

  test.each(cases.map((asked, n) => [asked.what, asked, n] as const))('%s', async (_, asked, n) => {
    const row = await carryOut(ground, asked, n);
    rows.push(row);
    const { outcome } = row;
    for (const who of ['start', 'told', 'verify'] as const) {
      const expected = asked[who];
      // What cannot be known must not be claimed either.
      if (typeof expected === 'string') expect(outcome[who], `${who}: ${expected}`).toEqual([]);
      else
        expect(
          missed(expected, outcome[who]),
          `${who} found ${JSON.stringify(outcome[who])}`,
        ).toEqual([]);
    }
    expect([...outcome.start, ...outcome.told, ...outcome.verify]).not.toEqual([]);
    const again = outcome.printed.filter((number) => numbers().has(number));
    if (asked.repeats === undefined) expect(again, 'P3: printed twice').toEqual([]);
  });

  test('there are at least twenty, and the page that shows them says what came of them', () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
    expect(documentOf(rows)).toBe(readFileSync(page, 'utf8'));
  });
});
