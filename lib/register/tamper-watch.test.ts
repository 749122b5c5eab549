import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { names } from '../documents/names.ts';
import type { Disk } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import {
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';
import { TamperWatch } from './tamper-watch.ts';

let directory: string;
/** Of the list of operators, within the directory. */
let piece: string;
let options: SampleRegisterOptions;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tillmesh-tamper-'));
  const company = await SampleCompany.create('tamper-watch');
  const office = await sampleHeadOffice(company);
  options = { directory, company, terminal: await company.terminal('S01', 'T1') };
  prepareDirectory(office, options);
  begin().end();
  const beneath = pathOfKey('documents', [office.rule(names.org()).id]);
  piece = ['snapshot', 'incremental'].flatMap((kind) =>
    nodeDisk.list(`${directory}/${beneath}/${kind}`).map((file) => `${beneath}/${kind}/${file}`),
  )[0] as string;
});
afterEach(() => {
  for (const each of [directory, `${directory}-witness`])
    rmSync(each, { recursive: true, force: true });
});

const begin = (disk: Disk = nodeDisk): TamperWatch =>
  TamperWatch.begin({
    disk,
    directory,
    witnessDirectory: `${directory}-witness`,
    clock: sampleClock(),
    pauseMs: 0,
    onFound: () => undefined,
    onProblem: (error) => {
      throw error;
    },
  });

it('X11: of an edited document what its writer signed stays, and the edited file is kept aside', () => {
  const path = `${directory}/${piece}`;
  const before = readFileSync(path);
  writeFileSync(path, Buffer.concat([before, before]));
  expect(begin().list.open).toMatchObject([{ code: 'FILE_EDITED', where: piece }]);
  expect(readFileSync(path).length).toBeGreaterThan(0);
  const aside = nodeDisk.list(`${directory}/aside`).find((name) => !name.endsWith('.json'));
  expect(readFileSync(`${directory}/aside/${aside}`)).toEqual(Buffer.concat([before, before]));
});

it('X11: a disk that fills up meanwhile takes nothing of it: the till starts when there is room', () => {
  const path = `${directory}/${piece}`;
  const edited = Buffer.concat([readFileSync(path), readFileSync(path)]);
  writeFileSync(path, edited);
  // Room for a note, and for nothing more.
  const full: Disk = {
    ...nodeDisk,
    create(to) {
      if (to.startsWith(`${directory}/aside/`)) return nodeDisk.create(to);
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
  };
  expect(() => begin(full)).toThrow(expect.objectContaining({ code: 'FILE_DAMAGED' }));
  expect(readFileSync(path)).toEqual(edited);
  expect(begin().list.open).toMatchObject([{ code: 'FILE_EDITED', where: piece }]);
  expect(readFileSync(path).length).toBeGreaterThan(0);
});

it('X12: a directory that others could read is a finding of a till; of one that has not joined it is closed', () => {
  const mode = () => statSync(directory).mode & 0o777;
  chmodSync(directory, 0o755);
  expect(begin().list.open).toMatchObject([{ code: 'MODE_OPEN', where: '.' }]);
  expect(mode()).toBe(0o700);
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  expect(begin().list.open).toEqual([]);
  expect(mode()).toBe(0o700);
});

it('X11: findings are looked at one by one: each with who and what was said, though it was not told before', async () => {
  for (const name of ['bars.json', 'wrong-pins.json', 'enrolments.json'])
    writeFileSync(`${directory}/${name}`, '{}', { mode: 0o600 });
  const watch = begin();
  const register = await openRegister({ ...options, disk: watch.disk });
  watch.follow(register);
  const places = () => watch.list.open.map(({ where }) => where).toSorted();
  const flagged = () => register.models.flags({ kind: 'files-changed' }).length;
  expect(places()).toEqual(['bars.json', 'enrolments.json', 'wrong-pins.json']);
  const [only] = watch.list.open.filter(({ where }) => where === 'bars.json');
  if (!only) throw new Error('not found');
  expect(watch.seen('max', { only, note: 'The service man' })).toHaveLength(1);
  expect(watch.seen('max', { only })).toEqual([]);
  expect([places(), flagged()]).toEqual([['enrolments.json', 'wrong-pins.json'], 1]);
  const looked = () =>
    register.models
      .fileFindings('S01-T1')
      .map(({ where, checked }) => `${where} ${checked?.by ?? '-'} ${checked?.note ?? '-'}`)
      .toSorted();
  expect(looked()).toEqual([
    'bars.json max The service man',
    'enrolments.json - -',
    'wrong-pins.json - -',
  ]);
  expect(watch.seen('sue')).toHaveLength(2);
  expect([places(), flagged()]).toEqual([[], 0]);
  expect(looked()).toEqual([
    'bars.json max The service man',
    'enrolments.json sue -',
    'wrong-pins.json sue -',
  ]);
  await watch.checked;
  await register.stop();
  watch.end();
});

it('X11: counts and given numbers are not trusted where what tells of their edits is gone or was edited itself', () => {
  const wrongPins = `${directory}/wrong-pins.json`;
  writeFileSync(wrongPins, '{}', { mode: 0o600 });
  const left = begin();
  left.list.end(left.list.open);
  left.end();
  const untouched = begin();
  expect(untouched.distrusts('wrong-pins.json')).toBe(false);
  untouched.end();
  writeFileSync(wrongPins, '{"v":2}', { mode: 0o600 });
  writeFileSync(
    `${directory}/seal.json`,
    `x\n${readFileSync(`${directory}/seal.json`, 'utf8').split('\n')[1] ?? ''}`,
  );
  const two = begin();
  two.list.end(two.list.open.filter(({ where }) => where !== 'seal.json'));
  expect(two.distrusts('wrong-pins.json')).toBe(true);
  two.list.end(two.list.open);
  two.end();
  // Found, and not looked at: forgetting it does not make the file a trusted one.
  writeFileSync(wrongPins, '{"v":3}', { mode: 0o600 });
  begin().end();
  rmSync(`${directory}/findings.json`);
  const four = begin();
  expect(four.list.open).toMatchObject([{ code: 'FILE_GONE', where: 'findings.json' }]);
  expect(four.distrusts('enrolments.json')).toBe(true);
  four.list.end(four.list.open);
  expect(four.distrusts('wrong-pins.json')).toBe(false);
  four.end();
});
