/**
 * How safe an entry is (P10): a fold of what peers say that they hold. Never counts a word that was not said since
 * the link came up, nor one of an earlier life of the peer or of the archive.
 */
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import { parseJournalKey, parsePrincipal } from '../domain/ids.ts';

export type HeldTip = { readonly seq: number; readonly hash: EntryHash };
export type HeldTips = ReadonlyMap<JournalKey, HeldTip>;

export type CopiesState = {
  /** By `store-terminal`: a device holds what it holds, whichever of its lives says so. */
  readonly words: ReadonlyMap<string, { readonly peer: Principal; readonly tips: HeldTips }>;
  readonly archive:
    { readonly archive: string; readonly generation: number; readonly tips: HeldTips } | undefined;
};

export type CopiesEvent =
  /** A link came up: whatever was said before must be said again. */
  | { readonly kind: 'linked'; readonly peer: Principal }
  /** `tillmesh/copies`: verified and flushed; replaces the earlier word on the same journals. */
  | { readonly kind: 'held'; readonly peer: Principal; readonly tips: HeldTips }
  /** Head office has revoked the peer: its word counts for nothing. */
  | { readonly kind: 'revoked'; readonly peer: Principal }
  /** A relay's word on the archive; others have none. */
  | {
      readonly kind: 'archived';
      readonly peer: Principal;
      readonly archive: string;
      readonly generation: number;
      readonly tips: HeldTips;
    };

export const noCopies: CopiesState = { words: new Map(), archive: undefined };

export function foldCopies(state: CopiesState, event: CopiesEvent): CopiesState {
  switch (event.kind) {
    case 'linked':
      return withWord(state, event.peer, new Map());
    case 'held': {
      const word = state.words.get(deviceOf(event.peer));
      // A late word of an earlier life, or of a link that is gone, counts for nothing.
      if (word?.peer !== event.peer) return state;
      return withWord(state, event.peer, new Map([...word.tips, ...event.tips]));
    }
    case 'revoked': {
      const device = deviceOf(event.peer);
      // A replacement under the same name has a word of its own.
      if (state.words.get(device)?.peer !== event.peer) return state;
      return { ...state, words: new Map([...state.words].filter(([of]) => of !== device)) };
    }
    case 'archived':
      return archived(state, event);
  }
}

function archived(
  state: CopiesState,
  { peer, archive, generation, tips }: Extract<CopiesEvent, { kind: 'archived' }>,
): CopiesState {
  if (!isHeadOffice(peer)) return state;
  const { archive: known } = state;
  // A relay that has not noticed yet that the database was restored.
  if (known?.archive === archive && generation < known.generation) return state;
  // A word names all that the archive holds: what it no longer names is not there any more.
  return { ...state, archive: { archive, generation, tips } };
}

export type Copies = {
  /** Other tills that hold it. */
  readonly onPeers: number;
  readonly atHq: boolean;
  readonly archived: boolean;
};

/**
 * @param hashAt our own entry's hash at a seq of the journal; undefined where we have none. A tip that is not ours
 *   at its seq is another branch, and says nothing about our entry.
 */
export function copiesOf(
  state: CopiesState,
  journal: JournalKey,
  seq: number,
  hashAt: (seq: number) => EntryHash | undefined,
): Copies {
  const holds = (tips: HeldTips): boolean => {
    const tip = tips.get(journal);
    return tip !== undefined && tip.seq >= seq && hashAt(tip.seq) === tip.hash;
  };
  const { store, terminal } = parseJournalKey(journal);
  const writer = `${store}-${terminal}`;
  let onPeers = 0;
  let atHq = false;
  for (const [device, { peer, tips }] of state.words) {
    if (device === writer || !holds(tips)) continue;
    if (isHeadOffice(peer)) atHq = true;
    else onPeers += 1;
  }
  return { onPeers, atHq, archived: state.archive !== undefined && holds(state.archive.tips) };
}

/** The last entry of a journal that a device has confirmed, whichever of its lives said so; 0 for none. `hashAt` as above. */
export function confirmedBy(
  state: CopiesState,
  peer: Principal,
  journal: JournalKey,
  hashAt: (seq: number) => EntryHash | undefined,
): number {
  const tip = state.words.get(deviceOf(peer))?.tips.get(journal);
  return tip !== undefined && hashAt(tip.seq) === tip.hash ? tip.seq : 0;
}

function withWord(state: CopiesState, peer: Principal, tips: HeldTips): CopiesState {
  return { ...state, words: new Map([...state.words, [deviceOf(peer), { peer, tips }]]) };
}

const isHeadOffice = (peer: Principal): boolean => parsePrincipal(peer).store === 'HQ';

function deviceOf(peer: Principal): string {
  const { store, terminal } = parsePrincipal(peer);
  return `${store}-${terminal}`;
}
