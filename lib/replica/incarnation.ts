/**
 * Which life a register lives: the one of its identity files, or a new one where that may not go on:
 * first start, a directory that was copied or restored, a journal that is continued elsewhere. Works offline.
 */
import { TillmeshError, isTillmeshError } from '../domain/errors.ts';
import type { Identity, SeriesLetter } from '../domain/ids.ts';
import { ownLetter, rootOf } from '../domain/series.ts';
import { sameMachine, type MachineIdentity } from '../storage/binding.ts';
import { issueIncarnation } from '../trust/incarnation.ts';
import type { StoredBinding } from '../trust/identity-files.ts';
import type { IdentityStore, LivingIncarnation } from '../trust/identity-store.ts';

export type BeginReason = 'enrolled' | 'copied' | 'restored' | 'forked';

export type IncarnationParts = {
  readonly identity: IdentityStore;
  readonly machine: MachineIdentity;
  readonly random: (length: number) => Uint8Array;
  readonly wallMs: () => number;
};

/** The living incarnation; a new one where `reason` or the binding asks for it. Throws NOT_ENROLLED. */
export async function openIncarnation(
  parts: IncarnationParts,
  reason?: BeginReason,
): Promise<LivingIncarnation> {
  const { identity, machine } = parts;
  const enrolled = identity.enrolled();
  if (!enrolled) throw new TillmeshError('NOT_ENROLLED');
  const living = livingOf(identity, enrolled);
  const why = reason ?? reasonToBegin(living, machine);
  const isCopy =
    enrolled.binding !== undefined && !sameMachine(fromStored(enrolled.binding), machine);
  if (living !== 'damaged' && living && !why) return living;
  const begun = await issueIncarnation({
    caDer: enrolled.caDer,
    terminalDer: enrolled.terminalDer,
    issuers: enrolled.issuers,
    terminalKey: enrolled.terminalKey,
    random: parts.random,
    nowMs: parts.wallMs(),
  });
  identity.begin({
    incarnation: begun.identity.incarnation,
    // A letter that was used once is never used again, also where the file that says so was lost. A life begun here
    // cannot know which letters others of this terminal have taken since: it adds one of its own. So does a copy of a
    // directory that joined and had not begun yet.
    letter:
      isCopy || isUsed(identity, enrolled.letter)
        ? ownLetter(enrolled.letter, parts.random(8))
        : enrolled.letter,
    binding: { ...bindingOf(machine), reason: why ?? 'restored' },
    keyPem: begun.keyPem,
    chain: begun.chain,
  });
  const next = identity.living();
  if (!next) throw new TillmeshError('INVARIANT', 'the incarnation just begun is not there');
  return next;
}

/** Why the living incarnation was begun: for its first entry. */
export function begunBecause(living: LivingIncarnation): BeginReason {
  const { reason } = living.binding;
  return reason === 'copied' || reason === 'restored' || reason === 'forked' ? reason : 'enrolled';
}

/** A later life has the first one's letter in its own, so that the record of the first may be lost. */
function isUsed(identity: IdentityStore, letter: SeriesLetter): boolean {
  return [...identity.letters()].some((used) => rootOf(used) === letter);
}

/** One of another terminal is no life of this one, however genuine it is. */
function livingOf(
  identity: IdentityStore,
  enrolled: Pick<Identity, 'store' | 'terminal'>,
): LivingIncarnation | undefined | 'damaged' {
  try {
    const living = identity.living();
    const isOurs =
      living?.identity.store === enrolled.store && living.identity.terminal === enrolled.terminal;
    return living && !isOurs ? 'damaged' : living;
  } catch (error) {
    if (isTillmeshError(error, 'FILE_DAMAGED')) return 'damaged';
    throw error;
  }
}

function reasonToBegin(
  living: LivingIncarnation | undefined | 'damaged',
  machine: MachineIdentity,
): BeginReason | undefined {
  if (living === 'damaged') return 'restored';
  if (!living) return 'enrolled';
  return sameMachine(fromStored(living.binding), machine) ? undefined : 'copied';
}

/** As identity files keep it. */
export function bindingOf(machine: MachineIdentity): StoredBinding {
  return Object.fromEntries(
    Object.entries(machine)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, String(value)]),
  );
}

function fromStored(binding: Readonly<Record<string, string>>): MachineIdentity {
  const { machineId, directoryInode, directoryBornMs } = binding;
  return {
    ...(machineId === undefined ? {} : { machineId }),
    ...(directoryInode === undefined ? {} : { directoryInode }),
    ...(directoryBornMs === undefined ? {} : { directoryBornMs: Number(directoryBornMs) }),
  };
}
