/** The events of the mesh by group, and as a file that a support person can open. Pure. */
import type { MeshEvent } from '#lib/host/mesh-news.ts';
import { texts } from '../../texts/english.ts';
import { nameOf, newsWords } from './sync-words.ts';

export type EventGroup = keyof typeof texts.sync.kinds;

const groups: Readonly<Record<MeshEvent['kind'], EventGroup>> = {
  listening: 'link',
  linked: 'link',
  unlinked: 'link',
  dialFailed: 'link',
  refused: 'link',
  turnedAway: 'link',
  notListening: 'trouble',
  hostile: 'trouble',
  storm: 'trouble',
  reset: 'trouble',
  slow: 'trouble',
  peerError: 'trouble',
  doubleIdentity: 'trouble',
  unknownType: 'trouble',
  damaged: 'trouble',
  storage: 'trouble',
  invalidRecord: 'trouble',
  clockOffset: 'trouble',
  clockTooFar: 'trouble',
  forked: 'trouble',
  revoked: 'trouble',
  fault: 'trouble',
  error: 'trouble',
  incarnationBegun: 'data',
  release: 'data',
};

/** A kind of a later version is `other`. */
export const groupOf = ({ kind }: Pick<MeshEvent, 'kind'>): EventGroup =>
  Object.hasOwn(groups, kind) ? (groups[kind] ?? 'other') : 'other';

export type EventFilter = {
  readonly group: EventGroup | undefined;
  /** As `nameOf` says it. */
  readonly peer: string | undefined;
};

export const filtered = (
  events: readonly MeshEvent[],
  { group, peer }: EventFilter,
): readonly MeshEvent[] =>
  events.filter(
    (event) =>
      (group === undefined || groupOf(event) === group) &&
      (peer === undefined || nameOf(event.peer) === peer),
  );

/** Comma-separated values with a header, UTC times, and a byte order mark, without which Excel takes UTF-8 for something else. */
export function eventsAsCsv(events: readonly MeshEvent[]): string {
  const rows = events.map((event) => [
    new Date(event.wallMs).toISOString(),
    event.kind,
    event.peer ?? '',
    String(event.times ?? 1),
    newsWords(event),
  ]);
  const lines = [['time', 'kind', 'peer', 'times', 'detail'], ...rows];
  return `\ufeff${lines.map((cells) => cells.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

/** A cell that begins like a formula would be run by a spreadsheet. */
function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
