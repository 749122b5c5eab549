/** A till at which people sign in: a disk that can fail, clocks that are set by hand. For tests alone. */
import { randomBytes } from 'node:crypto';
import { orgKeys } from '../documents/org-keys.ts';
import type { Clock } from '../domain/clock.ts';
import type { StoreId } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { hashPin } from '../trust/pin-hash.ts';
import { SignInDesk } from '../host/sign-in.ts';
import { StoreOrg } from './store-org.ts';
import { WrongPins } from '../host/wrong-pins.ts';

export const store = 'S01' as StoreId;
export const directory = '/till';
export const path = `${directory}/wrong-pins.json`;
export const [annsHash, omarsHash] = [hashPin('1111', randomBytes), hashPin('2222', randomBytes)];

export class HandClock implements Clock {
  wall = 1_750_000_000_000;
  monotonic = 1_000;
  wallMs = (): number => this.wall;
  monotonicMs = (): number => this.monotonic;
  zone = (): string => 'Europe/London';
  setTimer(): never {
    throw new Error('nothing waits by a timer here');
  }
  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

export function makeDisk(seed = 1): FaultyDisk {
  const disk = new FaultyDisk(seededRandom(seed));
  disk.makeDirectory(directory);
  disk.syncDirectory('/');
  return disk;
}

export const record = (id: string, name: string, role: string, pinHash?: string) =>
  [
    orgKeys.operator(store, id),
    { v: 1, id, name, roles: [role], ...(pinHash ? { pinHash } : {}) },
  ] as const;

export function sampleOrg(): StoreOrg {
  const org = new StoreOrg(store);
  org.replace(
    new Map([
      record('omar', 'Omar', 'supervisor', omarsHash),
      record('ann', 'Ann', 'cashier', annsHash),
      record('new', 'Newcomer', 'cashier'),
      record('odd', 'Oddly', 'manager', 'plain text'),
    ]),
  );
  return org;
}

export type Till = {
  readonly disk: FaultyDisk;
  readonly clock: HandClock;
  readonly org: StoreOrg;
  readonly problems: unknown[];
  readonly fatal: unknown[];
};
export const makeTill = (): Till => ({
  disk: makeDisk(),
  clock: new HandClock(),
  org: sampleOrg(),
  problems: [],
  fatal: [],
});
export const openDesk = (till: Till): SignInDesk =>
  new SignInDesk({
    ...till,
    people: till.org,
    path,
    onProblem: (error) => till.problems.push(error),
    onFatal: (error) => till.fatal.push(error),
  });
export const openPins = (disk: FaultyDisk, clock: Clock, problems: unknown[] = []): WrongPins =>
  new WrongPins({ disk, path, clock, onProblem: (error) => problems.push(error) });
