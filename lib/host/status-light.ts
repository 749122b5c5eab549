/**
 * The status light (DESIGN §11): what one colour and one word say about how safe the recorded documents are. Pure, for
 * the host and the screens alike. Red means money at risk and nothing else.
 */
import type { Status, Waiting } from './services.ts';

export type LightColour = 'green' | 'orange' | 'blue' | 'red';

/** What a screen finds the sentence by. Each has one colour. */
export type LightWord =
  /** Every till and HQ are linked, and nothing waits. */
  | 'complete'
  /** HQ is linked and gets what it lacks. */
  | 'sending'
  /** HQ has everything; a till of this store is away. */
  | 'tillAway'
  /** HQ is away; other tills hold copies. */
  | 'lan'
  /** Nobody is linked, and every document has a copy elsewhere. */
  | 'aloneSafe'
  /** Nobody is linked, and documents exist on this till only. */
  | 'alone'
  /** A relay whose archive takes nothing in. */
  | 'stuck';

export type StatusLight = {
  readonly colour: LightColour;
  readonly word: LightWord;
  readonly tillsLinked: number;
  /** Tills of the store besides this one; 0 where it is the only one. */
  readonly tillsExpected: number;
  readonly hqLinked: boolean;
  /** Own documents; on a relay the entries of all that its archive lacks. */
  readonly waiting: Waiting;
};

export const colourOf: Readonly<Record<LightWord, LightColour>> = {
  complete: 'green',
  sending: 'orange',
  tillAway: 'orange',
  lan: 'blue',
  aloneSafe: 'blue',
  alone: 'red',
  stuck: 'red',
};

type Facts = Pick<Status, 'role' | 'peers'> &
  Partial<Pick<Status, 'waiting' | 'tips' | 'archived' | 'archiving'>>;

export function statusLight(status: Facts): StatusLight {
  const isRelay = status.role === 'relay';
  const relays = status.peers.filter(({ principal }) => principal.startsWith('HQ-'));
  const tills = status.peers.filter(({ principal }) => !principal.startsWith('HQ-'));
  const seen = {
    tillsLinked: tills.filter(({ linked }) => linked).length,
    tillsExpected: tills.length,
    // One of several is enough: they share the archive.
    hqLinked: relays.some(({ linked }) => linked),
    waiting: isRelay
      ? { ...nothing, forArchive: waitingAtRelay(status) }
      : (status.waiting ?? nothing),
  };
  const word = isRelay ? relayWord(seen, status) : tillWord(seen);
  return { colour: colourOf[word], word, ...seen };
}

type Seen = Omit<StatusLight, 'colour' | 'word'>;

const nothing: Waiting = { onlyHere: 0, forHq: 0, forArchive: 0 };

function tillWord({ tillsLinked, tillsExpected, hqLinked, waiting }: Seen): LightWord {
  if (hqLinked) {
    if (waiting.forHq > 0 || waiting.forArchive > 0) return 'sending';
    return tillsLinked < tillsExpected ? 'tillAway' : 'complete';
  }
  if (tillsLinked > 0) return 'lan';
  return waiting.onlyHere > 0 ? 'alone' : 'aloneSafe';
}

/** A relay sells nothing, so nothing of it is at risk by itself: red is for an archive that takes nothing in. */
function relayWord(
  { tillsLinked, tillsExpected, waiting }: Seen,
  { archiving }: Pick<Facts, 'archiving'>,
): LightWord {
  // Also while nothing waits: the next sale will.
  if (archiving && archiving.state !== 'archiving') return 'stuck';
  if (waiting.forArchive > 0) return 'sending';
  if (tillsLinked === 0) return 'aloneSafe';
  return tillsLinked < tillsExpected ? 'tillAway' : 'complete';
}

/** What an archive that has said nothing lacks is everything. */
function waitingAtRelay({ tips = {}, archived, archiving }: Facts): number {
  if (archiving) return archiving.waiting;
  const known: Readonly<Record<string, { readonly seq: number }>> = archived?.tips ?? {};
  return Object.entries(tips).reduce(
    (sum, [journal, { seq }]) => sum + Math.max(0, seq - (known[journal]?.seq ?? 0)),
    0,
  );
}
