/**
 * The last events of the mesh in plain words, for the screen that shows them. Bounded; holds names, codes and counts,
 * never what a peer wrote, a path or a secret.
 */
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { MeshEvent } from '../host/till-services.ts';
import type { RegisterEvent } from './register-parts.ts';

export class MeshLog {
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #events: MeshEvent[] = [];

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  happened(event: RegisterEvent): void {
    const detail = wordsFor(event);
    if (detail === undefined) return;
    const peer = 'peer' in event ? event.peer : undefined;
    // What goes on for hours is one line with its count: it must not push everything else out.
    const before = this.#events.findIndex(
      (one) => one.kind === event.kind && one.peer === peer && one.detail === detail,
    );
    const [same] = before < 0 ? [] : this.#events.splice(before, 1);
    this.#events.push({
      wallMs: Math.floor(this.#clock.wallMs()),
      kind: event.kind,
      ...(peer !== undefined && { peer }),
      detail,
      ...(same && { times: (same.times ?? 1) + 1 }),
    });
    if (this.#events.length > limits.meshEventsKept) this.#events.shift();
  }

  /** The newest first. */
  list(): readonly MeshEvent[] {
    return this.#events.toReversed();
  }
}

/** One sentence; undefined for what no screen shows. */
function wordsFor(event: RegisterEvent): string | undefined {
  switch (event.kind) {
    case 'listening':
      return `Listens for other tills on port ${event.port}.`;
    case 'notListening':
      return `Other tills cannot reach this one (${event.code}).`;
    case 'linked':
      return 'Linked.';
    case 'unlinked':
      return 'The link ended.';
    case 'dialFailed':
      return `Cannot reach ${event.host}:${event.port} (${event.code}).`;
    case 'refused':
      return `Got no link: ${event.why}.`;
    case 'hostile':
      return `Sent what no honest till sends (${event.code}): it is barred until a person lets it back.`;
    case 'storm':
      return `Sent too many messages: a pause of ${seconds(event.pauseMs)} s.`;
    case 'reset':
      return 'Began the link anew, because it made no progress.';
    case 'slow':
      return 'Did not read what was sent: the link began anew.';
    case 'peerError':
      return 'Ended the link with an error.';
    case 'doubleIdentity':
      return 'Two devices use this identity: one of them is a copy.';
    case 'unknownType':
      return 'Speaks of things that this version does not know.';
    case 'damaged':
      return 'A damaged file was set aside; its contents come back from other tills.';
    case 'storage':
      return 'A file of a document was not what it should be.';
    case 'invalidRecord':
      return `A record of the list “${event.list}” was not valid and does not count.`;
    case 'clockOffset':
      return `Its clock differs from this one by ${seconds(event.offsetMs)} s.`;
    case 'clockTooFar':
      return `An entry of ${terminalOf(event.journal)} is too far ahead of this clock.`;
    case 'forked':
      return `${terminalOf(event.journal)} exists twice: both sides are kept.`;
    case 'incarnationBegun':
      return `This till began a new series of numbers (${event.reason}).`;
    case 'release':
      return `Release ${event.n} of head office is in force (${event.products} products).`;
    case 'fault':
    case 'error':
      return isTillmeshError(event.error)
        ? `Something went wrong (${event.error.code}); the log says more.`
        : 'Something went wrong; the log says more.';
    // Which of two links stays is nobody's concern.
    case 'double':
      return undefined;
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(ms % 1_000 === 0 ? 0 : 1);

function terminalOf(journal: Parameters<typeof parseJournalKey>[0]): string {
  const { store, terminal } = parseJournalKey(journal);
  return `${store}-${terminal}`;
}
