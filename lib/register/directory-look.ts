/**
 * Looks over a data directory before anything in it is used: rights, the seal, the identity, the witness. Gives what it
 * finds and changes nothing; what is inside journals and documents is judged by whoever reads them.
 */
import { isTillmeshError } from '../domain/errors.ts';
import type { Finding, FindingCode } from '../domain/findings.ts';
import {
  differences,
  isSmall,
  readSeal,
  sealedPaths,
  type Difference,
} from '../storage/directory-seal.ts';
import type { Disk } from '../storage/disk.ts';
import { sealSeen } from '../storage/seal-keeper.ts';
import { Witness } from '../storage/witness.ts';
import type { IdentityStore, LivingIncarnation } from '../trust/identity-store.ts';
import { KnownDocuments } from './salvage.ts';

export type LookParts = {
  readonly disk: Disk;
  readonly directory: string;
  /** Absent: what lies outside the directory is not looked at. */
  readonly witnessDirectory?: string | undefined;
  readonly identity: IdentityStore;
  /** `whole`: every file is read, also those that nothing seems to have touched since. */
  readonly reading: 'touched' | 'whole';
};

const othersMay = 0o077;

export function lookAtDirectory(parts: LookParts): Finding[] {
  const living = lookAtIdentity(parts);
  return [
    ...openToOthers(parts),
    ...living.findings,
    ...lookAtSeal(parts, living.life),
    ...lookAtWitness(parts, living.life),
  ];
}

/** The directory itself, and the files that a till replaces as a whole: keys, counts, lists. */
export function openToOthers({
  disk,
  directory,
}: Pick<LookParts, 'disk' | 'directory'>): Finding[] {
  const paths = ['.', 'identity', ...[...sealedPaths(disk, directory)].filter(isSmall)];
  return paths.flatMap((where): Finding[] => {
    const mode = disk.stat(where === '.' ? directory : `${directory}/${where}`)?.mode;
    if (mode === undefined || (mode & othersMay) === 0) return [];
    return [{ code: 'MODE_OPEN', where, what: `mode ${mode.toString(8).padStart(4, '0')}` }];
  });
}

/** The incarnation that lives here, as far as the files say so. */
function lookAtIdentity({ identity }: LookParts): {
  life: string | undefined;
  findings: Finding[];
} {
  let where = 'identity';
  try {
    const enrolled = identity.enrolled();
    if (!enrolled) return { life: undefined, findings: [] };
    where = 'identity/current.json';
    const living = identity.living();
    if (!living) return { life: undefined, findings: [] };
    const life = living.incarnation;
    const { store, terminal } = living.identity;
    if (store === enrolled.store && terminal === enrolled.terminal) return { life, findings: [] };
    const what = `it is of ${store}-${terminal}, the certificate of ${enrolled.store}-${enrolled.terminal}`;
    return { life, findings: [{ code: 'IDENTITY_FOREIGN', where, what }] };
  } catch (error) {
    if (!isTillmeshError(error, 'FILE_DAMAGED')) throw error;
    return { life: undefined, findings: [{ code: 'IDENTITY_DAMAGED', where, what: error.detail }] };
  }
}

function lookAtSeal(
  { disk, directory, witnessDirectory, reading }: LookParts,
  life: string | undefined,
): Finding[] {
  const seen = life && witnessDirectory ? sealSeen(disk, witnessDirectory, life) : 0;
  const found = readSeal(disk, directory);
  if (!found) return seen > 0 ? [{ code: 'SEAL_GONE', where: 'seal.json' }] : [];
  const findings: Finding[] = [];
  if (found.kind === 'false') findings.push({ code: 'SEAL_FALSE', where: 'seal.json' });
  if (!found.seal) return findings;
  if (found.seal.n < seen) {
    const what = `left on ${new Date(found.seal.wallMs).toISOString()}; a later one was used here`;
    findings.push({ code: 'DIRECTORY_SET_BACK', where: '.', what });
  }
  const places = { directory, witnessDirectory };
  const different = differences(disk, places, found.seal, reading);
  const known = different.length > 0 ? new KnownDocuments(disk, directory) : undefined;
  return [
    ...findings,
    ...different.map((difference) => findingOf(difference, known?.of(difference.path)?.name)),
  ];
}

const codes: Readonly<Record<Difference['kind'], FindingCode>> = {
  edited: 'FILE_EDITED',
  gone: 'FILE_GONE',
  strange: 'FILE_STRANGE',
};

function findingOf({ kind, path, sizes }: Difference, name: string | undefined): Finding {
  const code = path.startsWith('witness/') ? 'WITNESS_GONE' : codes[kind];
  const differs =
    sizes && (sizes[0] === sizes[1] ? 'other contents' : `${sizes[0]} bytes, now ${sizes[1]}`);
  const what = [name, differs].filter((part) => part !== undefined).join(': ');
  return { code, where: path, ...(what === '' ? {} : { what }) };
}

/** A life that wrote an entry has left a note; a directory whose seal says so was compared already. */
function lookAtWitness(
  { disk, directory, witnessDirectory, identity }: LookParts,
  life: string | undefined,
): Finding[] {
  const incarnation = life as LivingIncarnation['incarnation'] | undefined;
  if (!incarnation || !witnessDirectory || !identity.hasSpoken(incarnation)) return [];
  if (readSeal(disk, directory)?.seal?.isWhole === true) return [];
  const witness = Witness.open(disk, witnessDirectory, incarnation, { onProblem: () => undefined });
  return witness.isKnown ? [] : [{ code: 'WITNESS_GONE', where: `witness/${incarnation}.witness` }];
}
