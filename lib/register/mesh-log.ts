/**
 * The last events of the mesh, for the screen that shows them. Bounded; holds names, codes and counts, never what a
 * peer wrote, a path or a secret, and no sentence.
 */
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import type { MeshEvent, MeshNews } from '../host/mesh-news.ts';
import type { RegisterEvent } from './register-parts.ts';

type Kept = { readonly key: string; readonly event: MeshEvent };

export class MeshLog {
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #kept: Kept[] = [];

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  happened(event: RegisterEvent): void {
    const news = newsOf(event);
    if (news === undefined) return;
    const peer = 'peer' in event ? event.peer : undefined;
    const key = JSON.stringify([peer, news]);
    // What goes on for hours is one line with its count: it must not push everything else out.
    const before = this.#kept.findIndex((one) => one.key === key);
    const [same] = before < 0 ? [] : this.#kept.splice(before, 1);
    this.#kept.push({
      key,
      event: {
        ...news,
        wallMs: Math.floor(this.#clock.wallMs()),
        ...(peer !== undefined && { peer }),
        ...(same && { times: (same.event.times ?? 1) + 1 }),
      },
    });
    if (this.#kept.length > limits.meshEventsKept) this.#kept.shift();
  }

  /** The newest first. */
  list(): readonly MeshEvent[] {
    return this.#kept.map(({ event }) => event).toReversed();
  }
}

/** Value by value, because events hold more than a screen may show; undefined for what none shows. */
function newsOf(event: RegisterEvent): MeshNews | undefined {
  switch (event.kind) {
    case 'listening':
      return { kind: event.kind, port: event.port };
    case 'notListening':
    case 'hostile':
      return { kind: event.kind, code: event.code };
    case 'linked':
    case 'unlinked':
    case 'reset':
    case 'slow':
    case 'peerError':
    case 'doubleIdentity':
    case 'unknownType':
    case 'damaged':
    case 'storage':
      return { kind: event.kind };
    case 'turnedAway':
      return {
        kind: event.kind,
        ...(event.revoked && { revoked: true }),
        ...(event.identity && { identity: true }),
      };
    case 'dialFailed':
      return { kind: event.kind, host: event.host, port: event.port, cause: event.cause };
    case 'refused':
      return { kind: event.kind, why: event.why };
    case 'storm':
      return { kind: event.kind, pauseMs: event.pauseMs };
    case 'invalidRecord':
      return { kind: event.kind, list: event.list };
    case 'clockOffset':
      return { kind: event.kind, offsetMs: event.offsetMs };
    case 'clockTooFar':
    case 'forked':
      return { kind: event.kind, writer: terminalOf(event.journal) };
    case 'incarnationBegun':
      return { kind: event.kind, reason: event.reason };
    case 'release':
      return { kind: event.kind, n: event.n, products: event.products };
    case 'fault':
    case 'error':
      return { kind: event.kind, ...(isTillmeshError(event.error) && { code: event.error.code }) };
    // With its own time: a start says all that stand again.
    case 'revoked': {
      const { terminal, reason, at } = event;
      return { kind: event.kind, writer: terminal, reason, atMs: parseHlc(at).ms };
    }
    // The list of findings tells of it.
    case 'entriesGone':
    case 'revocationGone':
    case 'numbersSetBack':
      return undefined;
    // Which of two links stays is nobody's concern.
    case 'double':
      return undefined;
  }
}

function terminalOf(journal: Parameters<typeof parseJournalKey>[0]): string {
  const { store, terminal } = parseJournalKey(journal);
  return `${store}-${terminal}`;
}
