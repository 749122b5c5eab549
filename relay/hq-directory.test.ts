import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId } from '../lib/domain/ids.ts';
import { plainSettings } from '../lib/domain/settings.ts';
import { FaultyDisk } from '../lib/storage/faulty-disk.ts';
import { seededRandom } from '../lib/storage/seeded-random.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { SignInDesk } from '../lib/host/sign-in.ts';
import { HqDirectory } from './hq-directory.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';
import { WantedState } from './wanted-state.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

const [s01, s02, s03] = ['S01', 'S02', 'S03'] as StoreId[] as [StoreId, StoreId, StoreId];
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const max = { id: 'max', name: 'Max', roles: ['cashier', 'manager'], pin: '4711' } as const;
const ann = { id: 'ann', name: 'Ann', roles: ['cashier'], pin: '1111' } as const;

async function open() {
  const database = await tests.open();
  const wanted = new WantedState(database, random);
  await wanted.putStore(s01, { name: 'Harbour', settings: plainSettings('GBP') });
  await wanted.putOperators(s01, [max, ann]);
  const directory = new HqDirectory(database, machineClock);
  await directory.renew();
  return { database, wanted, directory };
}

it('knows the managers of all stores and nobody else; one person of two stores is one', async () => {
  const { wanted, directory } = await open();
  expect(directory.operators()).toEqual([{ id: 'max', name: 'Max', roles: ['manager'] }]);
  expect([directory.nameOf(s01), directory.currencyOf(s01)]).toEqual(['Harbour', 'GBP']);
  expect(directory.operator('ann')).toBeUndefined();
  expect(directory.storesOf('ann')).toEqual([]);

  await wanted.putOperators(s02, [{ ...max, pin: '5812' }]);
  await wanted.putOperators(s03, [{ ...max, name: 'Maxine' }]);
  await directory.renew();
  // Two people of one id are known by id and store.
  expect(directory.operators().map(({ id, name }) => [id, name])).toEqual([
    ['max:S01', 'Max'],
    ['max:S03', 'Maxine'],
  ]);
  expect(directory.storesOf('max:S01')).toEqual([s01, s02]);
  expect(directory.storesOf('max:S03')).toEqual([s03]);
  expect(await directory.isPinOf('max:S01', '4711')).toBe(true);
  expect(await directory.isPinOf('max:S01', '5812')).toBe(true);
  expect(await directory.isPinOf('max:S03', '5812')).toBe(false);
  expect(await directory.isPinOf('max', '4711')).toBe(false);

  // Nobody becomes somebody else by an id that looks like it, nor by a session from before.
  const marked = directory.personMark('max:S01');
  expect(marked).not.toBe(directory.personMark('max:S03'));
  await wanted.putOperators(s02, [
    { id: 'max:S01', name: 'Mallory', roles: ['manager'], pin: '0000' },
  ]);
  await directory.renew();
  expect(await directory.isPinOf('max:S01', '4711')).toBe(false);
  expect(directory.storesOf('max:S01')).toEqual([s02]);
  expect(directory.personMark('max:S01')).not.toBe(marked);
});

it('who is taken off the list is nobody after the next look', async () => {
  const { wanted, directory } = await open();
  await wanted.putOperators(s01, [{ ...max, roles: ['cashier'] }]);
  expect(directory.operator('max')).toBeDefined();
  await directory.renew();
  expect(directory.operator('max')).toBeUndefined();
});

it('X1: signing in looks at the database first: a new PIN counts at once, and an absent one costs no try', async () => {
  const { wanted, directory } = await open();
  const disk = new FaultyDisk(seededRandom(1));
  disk.makeDirectory('/hq');
  const desk = new SignInDesk({
    people: directory,
    disk,
    path: '/hq/wrong-pins.json',
    clock: machineClock,
    onProblem: () => undefined,
    onFatal: () => undefined,
  });
  expect(await desk.signIn('max', '4711')).toMatchObject({ outcome: 'done' });
  await wanted.putOperators(s01, [{ ...max, pin: '2468' }]);
  expect(await desk.signIn('max', '4711')).toMatchObject({ code: 'PIN_WRONG' });
  expect(await desk.signIn('max', '2468')).toMatchObject({ outcome: 'done' });
  expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_WRONG' });

  const away = new SignInDesk({
    people: {
      operators: () => directory.operators(),
      operator: (id) => directory.operator(id),
      personMark: (id) => directory.personMark(id),
      isPinOf: () => Promise.reject(new Error('it was checked')),
      renew: () => Promise.reject(new TillmeshError('DATABASE_UNREACHABLE')),
    },
    disk,
    path: '/hq/wrong-pins.json',
    clock: machineClock,
    onProblem: () => undefined,
    onFatal: () => undefined,
  });
  const before = disk.read('/hq/wrong-pins.json');
  for (let n = 0; n < 20; n++)
    await expect(away.signIn('max', '0000')).rejects.toThrow('The database cannot be reached');
  expect(disk.read('/hq/wrong-pins.json')).toEqual(before);
});
