/**
 * A data directory is its owner's alone: it holds keys, tokens, sales and the hashes of PINs. One that was made by hand, copied or
 * unpacked may be open to other users of the machine: it is closed at the start, key files first.
 */
import fs from 'node:fs';
import { join } from 'node:path';

/** Whoever can read one of these can speak or sign in somebody's name. Files of `identity/` are all meant. */
const secretFiles = [
  'api-token',
  'authority.pem',
  'company-root.json',
  'company-recovery.txt',
  'postgres-password',
  'enrolments.json',
  'wrong-pins.json',
] as const;

export type Closed = {
  /** Paths that others could get at until now. */
  readonly closed: readonly string[];
  /** Paths that they still can: of another owner, or on a file system that has no modes. */
  readonly open: readonly string[];
};

/** Closes the directory and its key files to everybody else. What is not there is nothing to close. */
export function closeDirectory(directory: string): Closed {
  const closed: string[] = [];
  const open: string[] = [];
  // Windows has access lists, which a new directory takes from the user's own.
  if (process.platform === 'win32') return { closed, open };
  const identity = join(directory, 'identity');
  const wanted: readonly (readonly [path: string, mode: number])[] = [
    ...secretFiles.map((name) => [join(directory, name), 0o600] as const),
    ...filesIn(identity).map((path) => [path, 0o600] as const),
    [identity, 0o700],
    [directory, 0o700],
  ];
  for (const [path, mode] of wanted) {
    if (!isOpen(path)) continue;
    try {
      fs.chmodSync(path, mode);
    } catch {
      // Said below, where it shows.
    }
    (isOpen(path) ? open : closed).push(path);
  }
  return { closed, open };
}

const isOpen = (path: string): boolean =>
  ((fs.statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;

function filesIn(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(directory, name));
}
