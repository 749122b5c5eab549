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
  | 'alone';

export type StatusLight = {
  readonly colour: LightColour;
  readonly word: LightWord;
  readonly tillsLinked: number;
  /** Tills of the store besides this one; 0 where it is the only one. */
  readonly tillsExpected: number;
  readonly hqLinked: boolean;
  readonly waiting: Waiting;
};

export const colourOf: Readonly<Record<LightWord, LightColour>> = {
  complete: 'green',
  sending: 'orange',
  tillAway: 'orange',
  lan: 'blue',
  aloneSafe: 'blue',
  alone: 'red',
};

export function statusLight(status: Pick<Status, 'role' | 'peers' | 'waiting'>): StatusLight {
  const relays = status.peers.filter(({ principal }) => principal.startsWith('HQ-'));
  const tills = status.peers.filter(({ principal }) => !principal.startsWith('HQ-'));
  const seen = {
    tillsLinked: tills.filter(({ linked }) => linked).length,
    tillsExpected: tills.length,
    // One of several is enough: they share the archive.
    hqLinked: relays.some(({ linked }) => linked),
    waiting: status.waiting ?? nothing,
  };
  const word = status.role === 'relay' ? relayWord(seen) : tillWord(seen);
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

/** A relay sells nothing, so nothing of it is ever at risk; it knows only the tills that are linked. */
const relayWord = ({ tillsLinked }: Seen): LightWord =>
  tillsLinked > 0 ? 'complete' : 'aloneSafe';
