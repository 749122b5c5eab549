/**
 * As whom PostgreSQL runs. It refuses root, so a relay that is root lends it the user `postgres` (made once, if the
 * system has none). That user often cannot even enter root's directories (/root, a temporary clone with mode 0700):
 * then it gets the one capability to pass through them, by `setpriv`, rather than those directories being opened.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { TillmeshError } from '../../lib/domain/errors.ts';

const run = promisify(execFile);

export type RunAs = {
  /** For people: `postgres (uid 101)`, or `this user`. */
  readonly who: string;
  readonly spawn: (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
  /** Gives a file or directory to that user. */
  readonly own: (file: string) => void;
};

const asThisUser: RunAs = {
  who: 'this user',
  spawn: (program, args, options) => spawn(program, args, options),
  own: () => undefined,
};

/**
 * @param paths every directory and program that the server must be able to enter or run
 * @param dataOwner who owns the cluster already; its server must run as that user
 * @throws DATABASE_NOT_AVAILABLE when root has no other user to lend
 */
export async function runAs(paths: readonly string[], dataOwner?: number): Promise<RunAs> {
  if (process.getuid?.() !== 0) return asThisUser;
  const ids =
    dataOwner !== undefined && dataOwner !== 0
      ? { uid: dataOwner, gid: dataOwner }
      : await postgresUser();
  const own = (file: string): void => chownSync(file, ids.uid, ids.gid);
  const who = `uid ${ids.uid}`;
  if (paths.every((each) => mayEnter(each, ids.uid, ids.gid))) {
    return { who, own, spawn: (program, args, rest) => spawn(program, args, { ...rest, ...ids }) };
  }
  const prefix = setprivArguments(ids, capabilityFor(paths));
  return {
    who: `${who}, passing through closed directories`,
    own,
    spawn: (program, args, rest) => spawn('setpriv', [...prefix, program, ...args], rest),
  };
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const known = await lookUp();
  if (known !== undefined) return known;
  try {
    await run('groupadd', ['--system', '--force', 'postgres']);
    const flags = ['--system', '--gid', 'postgres', '--no-create-home', '--shell', '/bin/false'];
    await run('useradd', [...flags, 'postgres']);
  } catch (cause) {
    throw new TillmeshError(
      'DATABASE_NOT_AVAILABLE',
      'PostgreSQL does not run as root, and the user postgres could not be made: start as a plain user',
      { cause },
    );
  }
  const made = await lookUp();
  if (made === undefined) throw new TillmeshError('DATABASE_NOT_AVAILABLE', 'no user postgres');
  return made;
}

async function lookUp(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    // `id` fails where there is no such user: that is the answer.
    return undefined;
  }
}

/** By mode bits alone; an access list that says more only makes `setpriv` needless, never wrong. */
function mayEnter(file: string, uid: number, gid: number): boolean {
  for (let at = path.resolve(file); ; at = path.dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat !== undefined) {
      const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}

/** Reading and entering suffices, unless a program itself is closed or this root does not hold that capability (Docker). */
function capabilityFor(paths: readonly string[]): string {
  const held = /^CapPrm:\s*([0-9a-f]+)/m.exec(
    existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '',
  );
  const readSearch = (BigInt(`0x${held?.[1] ?? '0'}`) & (1n << 2n)) !== 0n;
  const programsOpen = paths.every((each) => {
    const stat = statSync(each, { throwIfNoEntry: false });
    return stat === undefined || !stat.isFile() || (stat.mode & 0o001) !== 0;
  });
  return readSearch && programsOpen ? 'dac_read_search' : 'dac_override';
}

/** `no_setuid_fixup`: access(2), which PostgreSQL asks before it starts, otherwise forgets the capability. */
function setprivArguments(ids: { uid: number; gid: number }, capability: string): string[] {
  return [
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    '--securebits=+no_setuid_fixup',
  ];
}
