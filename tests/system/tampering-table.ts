/**
 * Carries out the table of tampering and writes down what came of it: `node tests/system/tampering-table.ts` makes
 * `docs/tampering.md`, and a test holds that file to it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findingCodes } from '#lib/domain/findings.ts';
import { cases, type Case } from './tampering-cases.ts';
import {
  Copy,
  outcomeOf,
  prepareGround,
  type Found,
  type Ground,
  type Outcome,
} from './tampering-ground.ts';

export const page = fileURLToPath(new URL('../../docs/tampering.md', import.meta.url));

export type Row = { readonly asked: Case; readonly outcome: Outcome };

export async function carryOut(ground: Ground, asked: Case, n: number): Promise<Row> {
  const copy = new Copy(ground, `case-${n}`);
  asked.edit(copy);
  const outcome = await outcomeOf(copy, asked.machineId);
  // Fifty copies need not lie beside each other.
  rmSync(copy.directory, { recursive: true, force: true });
  return { asked, outcome };
}

const textOf = ([code, where, seq]: Found): string =>
  `${code} \`${where.trim()}\`${seq === undefined ? '' : ` seq ${seq}`}`;

/** One line per code and place: a list of twenty entries of one file helps nobody. */
function cell(expected: readonly Found[] | string, found: readonly Found[]): string {
  if (typeof expected === 'string') return `– (${expected})`;
  const places = Map.groupBy(found, ([code, where]) => `${code} ${where}`);
  const lines = [...places.values()].map((group) => {
    const [first] = group;
    const seqs = group.flatMap(([, , seq]) => seq ?? []).sort((a, b) => a - b);
    const [low, high] = [seqs[0], seqs.at(-1)];
    if (!first) return '';
    return low === undefined || low === high
      ? textOf(low === undefined ? [first[0], first[1]] : [first[0], first[1], low])
      : `${textOf([first[0], first[1]])} seq ${low}–${high}`;
  });
  return lines.join('<br>');
}

export function documentOf(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, ({ asked }) => asked.group);
  const codes = Object.entries(findingCodes).map(([code, text]) => `| \`${code}\` | ${text} |`);
  const tables = [...groups].flatMap(([group, members]) => [
    `## ${group}`,
    '',
    '| What a hand did | The till at its start | Other tills and head office | `tillmesh verify` | `--against` the other till |',
    '| --- | --- | --- | --- | --- |',
    ...members.map(({ asked, outcome }) => {
      const { start, told, verify, against } = outcome;
      const last = cell(against, against) || '–';
      const what = asked.repeats ? `${asked.what}<br>(P3: ${asked.repeats})` : asked.what;
      return `| ${what} | ${cell(asked.start, start)} | ${cell(asked.told, told)} | ${cell(asked.verify, verify)} | ${last} |`;
    }),
    '',
  ]);
  return [
    '# A till’s directory edited by hand',
    '',
    '<!-- Made by `node tests/system/tampering-table.ts`; a test holds it to what really comes out. -->',
    '',
    `${rows.length} edits of the directory of a stopped till with some thirty sales of two tills, each on a copy, and who`,
    'finds what, and where. Nothing is mended in silence: edited files go to `aside/`, what replaces them comes from the',
    'journals and from peers, and the till says it (health, status, log, a flag at all tills and at head office) until a',
    'person has looked. No number is printed twice, but where the table says so.',
    '',
    '**The seal.** A till that stops leaves `seal.json`: every file with size and hash, under a key made from the one that it',
    'was enrolled with, and its number beside the witness outside the directory. The next start and `verify` compare. While a',
    'till runs, small files (identity, counts of wrong PINs, given numbers, bars, findings) are sealed at each change, so that',
    'pulling the plug opens no gap for them. Journals and head office’s documents are judged by their own signatures as well.',
    '',
    '**Who can do what.** A hand with an editor is told from the till in every row. A program that uses the till’s own keys',
    'can make the seal fit: then other tills, head office and the archive tell, by what they hold. Entries that nobody else',
    'has seen can be rewritten by such a program and by nobody noticed: the header of each page says how many these are.',
    '',
    '<!-- prettier-ignore-start -->',
    '',
    ...tables,
    '## Codes',
    '',
    '| Code | What it says |',
    '| --- | --- |',
    ...codes,
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

export async function wholeTable(): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'tillmesh-tampering-'));
  try {
    const ground = await prepareGround(root);
    const rows: Row[] = [];
    for (const [n, asked] of cases.entries()) rows.push(await carryOut(ground, asked, n));
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, documentOf(await wholeTable()));
  // Timers of the sample clock would keep the process for a day.
  process.exit(0);
}
