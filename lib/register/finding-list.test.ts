import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { FindingList, noticedIn } from './finding-list.ts';
import { sampleClock } from './sample-register.ts';

let directory: string;
let told: Finding[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tillmesh-findings-'));
  told = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function list(): FindingList {
  const made = new FindingList(nodeDisk, {
    path: `${directory}/findings.json`,
    clock: sampleClock(),
    onFound: () => undefined,
    onProblem: (error) => {
      throw error;
    },
  });
  made.keepOn(nodeDisk);
  return made;
}

const edited: Finding = { code: 'FILE_EDITED', where: 'bars.json', what: 'x' };
const say = (finding: Finding): void => void told.push(finding);

it('X11: a finding stays through restarts until a person has looked, and the same one is one', () => {
  const first = list();
  first.add(edited);
  first.add(edited);
  first.add({ code: 'JOURNAL_CUT', where: 'journals/x', seq: 4 });
  const again = list();
  expect(again.open).toMatchObject([edited, { code: 'JOURNAL_CUT', seq: 4 }]);
  expect(noticedIn(nodeDisk, directory)).toEqual(again.open);
  expect([again.concerns('bars.json'), again.concerns('api-token')]).toEqual([true, false]);
  again.end(again.open);
  expect(list().open).toEqual([]);
});

it('X11: each life says it once in its journal: what the life before said may be lost with that one', () => {
  const first = list();
  first.add(edited);
  first.tell('life 1', say);
  first.tell('life 1', say);
  const again = list();
  again.tell('life 1', say);
  expect(told).toEqual([edited]);
  again.tell('life 2', say);
  expect(told).toEqual([edited, edited]);
});

it('what could not be said is said later', () => {
  const one = list();
  one.add(edited);
  expect(() =>
    one.tell('life', () => {
      throw new Error('between two lives');
    }),
  ).toThrow();
  one.tell('life', say);
  expect(told).toEqual([edited]);
});

it('whoever edits more files than that is not told each of them', () => {
  const one = list();
  for (let n = 0; n < limits.findingsKeptOfKind + 5; n++)
    one.add({ ...edited, where: `file ${n}` });
  expect(one.open).toHaveLength(limits.findingsKeptOfKind);
  // Whoever fills the list first hides nothing behind it.
  const gone: Finding = { code: 'FILE_GONE', where: 'bars.json' };
  const pins: Finding = { code: 'FILE_EDITED', where: 'wrong-pins.json' };
  for (const finding of [gone, pins, { ...pins, where: 'enrolments.json' }]) one.add(finding);
  expect(one.open.slice(-3)).toMatchObject([gone, pins, { where: 'enrolments.json' }]);
  expect(one.concerns('wrong-pins.json')).toBe(true);
});
