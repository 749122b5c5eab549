/** What the mesh means for the recorded documents, in sentences; and each link in words. Pure. */
import type { DialView, MeshEvent, MeshNews } from '#lib/host/mesh-news.ts';
import type { MeshView, PeerView } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import {
  formatCount,
  formatMoment,
  formatSince,
  formatTime,
  formatWait,
} from '../../texts/format.ts';
import { becauseOf } from '../alarms/alarm-words.ts';

/** `risk`: on this till only, and nobody there to copy it to. */
export type Sentence = {
  readonly kind: 'good' | 'busy' | 'note' | 'risk';
  readonly text: string;
  /** Whose link somebody has cut: it can be mended beside the sentence. */
  readonly cut?: PeerView;
};

const words = texts.sync;

type Seen = Pick<MeshView, 'peers' | 'onlyHere' | 'waitingForHq' | 'waitingForArchive'>;

export function sentencesFor(mesh: Seen, nowMs: number): readonly Sentence[] {
  const { peers, onlyHere, waitingForHq, waitingForArchive } = mesh;
  const relays = peers.filter(({ isRelay }) => isRelay);
  const isHqHere = relays.some(({ linked }) => linked);
  const isAlone = !peers.some(({ linked }) => linked);
  const said: Sentence[] = [];
  if (onlyHere > 0) {
    said.push({ kind: isAlone ? 'risk' : 'busy', text: words.onlyHere(onlyHere) });
  } else if (waitingForHq > 0) said.push({ kind: 'good', text: words.allSafe });
  const cut = isHqHere ? undefined : relays.find((relay) => relay.cut);
  if (waitingForHq > 0) {
    const text = words.waitingForHq(waitingForHq) + hqWords(relays, isHqHere, nowMs);
    said.push({ kind: isHqHere ? 'busy' : 'note', text, ...(cut && { cut }) });
  } else if (!isHqHere) {
    said.push({ kind: 'note', text: hqGoneWords(relays, nowMs), ...(cut && { cut }) });
  }
  const onlyArchive = Math.max(0, waitingForArchive - waitingForHq);
  if (onlyArchive > 0) said.push({ kind: 'busy', text: words.waitingForArchive(onlyArchive) });
  if (onlyHere + waitingForHq + waitingForArchive > 0) return said;
  return [{ kind: 'good', text: words.allArchived }, ...said];
}

/** A revoked till sells nothing and sends nothing: what matters is what nobody else has. */
export function revokedSentences({ onlyHere }: Pick<Seen, 'onlyHere'>): readonly Sentence[] {
  const { onlyHere: only, onlyHereTodo, allElsewhere } = texts.alarms.revoked;
  return [
    { kind: 'risk', text: words.revoked },
    onlyHere > 0
      ? { kind: 'risk', text: `${only(onlyHere)} ${onlyHereTodo}` }
      : { kind: 'good', text: allElsewhere },
  ];
}

function hqWords(relays: readonly PeerView[], isHere: boolean, nowMs: number): string {
  if (isHere) return words.hqHere;
  const cut = relays.find((relay) => relay.cut);
  if (cut) return words.hqCut(linkWord(cut, nowMs));
  const since = awaySince(relays, nowMs);
  return since === undefined ? words.hqAwayUnknown : words.hqAway(since);
}

function hqGoneWords(relays: readonly PeerView[], nowMs: number): string {
  const cut = relays.find((relay) => relay.cut);
  if (cut) return words.hqCutNothing(linkWord(cut, nowMs));
  const since = awaySince(relays, nowMs);
  return since === undefined ? words.hqAwayNothingUnknown : words.hqAwayNothing(since);
}

/** Since when the last of several was gone. */
function awaySince(relays: readonly PeerView[], nowMs: number): string | undefined {
  const gone = relays.flatMap(({ goneAtMs }) => goneAtMs ?? []);
  return gone.length === 0 ? undefined : formatSince(Math.max(...gone), nowMs);
}

/** `Linked`, `Away since 14:02:31`, `Cut by Omar Samplewood at 14:02:31`. */
export function linkWord({ linked, cut, cutBy, goneAtMs }: PeerView, nowMs: number): string {
  if (cut) return cutBy ? words.cutBy(cutBy.name, formatSince(cutBy.wallMs, nowMs)) : words.cut;
  if (linked) return words.linked;
  return goneAtMs === undefined
    ? words.notLinked
    : words.notLinkedSince(formatSince(goneAtMs, nowMs));
}

/** As short as fits into the picture: how far away it is, or why it is not there. */
export function briefWord(peer: PeerView): string {
  if (peer.linked) return delayWord(peer) || words.linked;
  return peer.cut ? words.cut : words.notLinked;
}

/** The one name of a terminal on this page: `T2`, `HQ1`. What it is (head office) stands beside it, not in it. */
export const peerName = ({ terminal }: Pick<PeerView, 'terminal'>): string => terminal;

/** The same of a principal or of `S01-T2`; as it is where it is neither. */
export const nameOf = (peer: string | undefined): string =>
  peer?.replace(/^[A-Z0-9]+-([A-Z0-9]+)(?:-[0-9a-f]{16})?$/, '$1') ?? '';

export const delayWord = ({ latencyMs }: PeerView): string =>
  latencyMs === undefined
    ? ''
    : words.milliseconds(formatCount(Math.max(1, Math.round(latencyMs))));

/** Below a second nobody would call two clocks different. */
export function clockWord({ clockOffsetMs }: PeerView): string {
  if (clockOffsetMs === undefined) return '';
  if (Math.abs(clockOffsetMs) < 1_000) return words.clockSame;
  const by = formatWait(Math.abs(clockOffsetMs));
  return clockOffsetMs > 0 ? words.clockAhead(by) : words.clockBehind(by);
}

/** Who is wrong, where clocks differ; empty where they agree. */
export const clockStateWord = (peer: PeerView): string =>
  peer.clockState ? words.clockStates[peer.clockState](clockWord(peer)) : '';

/** What happened, as a sentence. A page that an older till gave out may meet kinds that it has no words for. */
export function newsWords(event: MeshEvent): string {
  const say: ((news: never, write: typeof writing) => string) | undefined = Object.hasOwn(
    words.news,
    event.kind,
  )
    ? words.news[event.kind]
    : undefined;
  // Each kind's own sentence takes that kind: the table's type says so, and a union cannot.
  return say ? say(event as MeshNews as never, writing) : words.unknownNews(event.kind);
}

const writing = {
  span: formatWait,
  count: formatCount,
  moment: formatMoment,
  because: becauseOf,
};

/** `No answer at 192.168.1.5:3001 · 12 tries · next one at 14:02:40`. */
export function dialWords({ host, port, attempts, cause, nextTryAtMs }: DialView): string {
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const next = nextTryAtMs === undefined ? words.trying : words.nextTry(formatTime(nextTryAtMs));
  if (cause === undefined) return [at, next].join(' · ');
  return [words.causes[cause](at), words.tries(attempts), next].join(' · ');
}

/** Why it is not linked, a line for each reason; nothing for one that is. */
export function whyNotLinked({ linked, cut, refused, dials }: PeerView): readonly string[] {
  if (linked || cut) return [];
  if (refused !== undefined) {
    const advice = refused === 'barred' ? ` ${words.pardonAdvice}` : '';
    return [`${words.refusedBecause[refused]}.${advice}`];
  }
  return dials.length === 0 ? [words.noAddress] : dials.map(dialWords);
}
