/** What is said of a terminal's devices: keys, who let them in, why they are kept out, what follows from that. Pure. */
import {
  reachesEnrolled,
  revocationReasons,
  type RevocationReason,
} from '#lib/domain/revocation-reason.ts';
import type {
  DeviceFinding,
  DeviceRevocation,
  GrantedRange,
  LetInBy,
  TerminalDevice,
} from '#lib/host/hq-terminals.ts';
import { texts } from '../../texts/english.ts';
import { formatMoment, formatSince } from '../../texts/format.ts';

const words = texts.hqTerminal;

/** A device that gives its name to another one; of one that nobody has heard of only the key is known. */
export type Outgoing = Pick<
  TerminalDevice,
  'terminalKey' | 'linked' | 'letIn' | 'ranges' | 'revocation' | 'notHere'
>;

export const unheardDevice = (terminalKey: string): Outgoing => ({
  terminalKey,
  linked: false,
  letIn: [],
  ranges: [],
});

/** `0a1b 2c3d 4e5f`: enough to tell two devices of a shop apart, and to name one with `--key` where blanks are left out. */
export const shortKey = (key: string): string =>
  [key.slice(0, 4), key.slice(4, 8), key.slice(8, 12)].join(' ');

export const nameOf = (store: string, terminal: string): string => `${store}-${terminal}`;

export function enrolledWord(letInBy: LetInBy, atMs: number): string {
  const time = formatMoment(atMs);
  return letInBy.kind === 'headOffice'
    ? words.facts.byHq(time)
    : words.facts.byTill(time, letInBy.till ?? words.facts.unknownTill);
}

export const signedUnderWord = ({ issuerKey }: LetInBy): string =>
  issuerKey === undefined ? words.facts.root : words.facts.issuingKey(shortKey(issuerKey));

export const rangeWord = ({ first, last }: Pick<GrantedRange, 'first' | 'last'>): string =>
  words.ranges.range(first, last);

export function rangeUse({ first, last, used, counts }: GrantedRange): string {
  const use = words.ranges.used(used.length, last - first + 1, used.join(', '));
  return counts ? use : `${use}; ${words.ranges.void}`;
}

export function reasonWord(reason: string): string {
  const known = revocationReasons.find((one) => one === reason);
  return known ? words.reasons[known].name : words.otherReason(reason);
}

/** `Lost, 20 Nov, 12:00 · by Ines`. */
export function revocationWord(revocation: DeviceRevocation): string {
  const { reason, atMs, with: above } = revocation;
  return [
    words.revoked.since(reasonWord(reason), formatMoment(atMs)),
    ...(above === undefined ? [] : [words.revoked.with(above)]),
    byWord(revocation),
  ].join(' · ');
}

export function byWord({ by, byName }: DeviceRevocation): string {
  if (by === undefined) return words.revoked.byUnknown;
  return by === 'api' ? words.revoked.byApi : words.revoked.by(byName ?? by);
}

/** What a revocation with this reason brings about, before it is confirmed. The one that matters most comes first. */
export function whatFollows(
  device: Outgoing,
  name: string,
  reason: RevocationReason,
): readonly string[] {
  const { follows } = words;
  const reaches = reachesEnrolled({ reason });
  const letIn = device.letIn.join(', ');
  const open = device.ranges.filter(({ counts }) => counts).map(rangeWord);
  const { notHere = 0 } = device;
  return [
    device.linked ? follows.linkedNow(name) : follows.awayNow(name),
    ...(letIn === '' ? [] : [reaches ? follows.goAsWell(letIn) : follows.stay(letIn)]),
    ...(open.length === 0 ? [] : [follows.rangeEnds(open.join(', '))]),
    ...(notHere > 0 ? [follows.notHere(notHere)] : []),
    follows.counted,
    ...(reaches ? [follows.pins] : []),
    follows.final,
  ];
}

export function linkWord({ linked, heardAtMs }: TerminalDevice, nowMs: number): string {
  if (linked) return words.facts.linked;
  return words.facts.awaySince(
    heardAtMs === undefined
      ? texts.hq.store.neverHeard.toLowerCase()
      : formatSince(heardAtMs, nowMs),
  );
}

/** `journals/S01/T2/…  · from entry 17 · 17–20 were here`. */
export const findingPlace = ({ where, seq, what }: DeviceFinding): string =>
  [
    where,
    ...(seq === undefined ? [] : [words.findings.entry(seq)]),
    ...(what === undefined ? [] : [what]),
  ].join(' · ');

/** `Found 20 Nov, 12:00 · Looked at by Omar, 20 Nov, 12:30`. */
export function findingStory({ wallMs, checked }: DeviceFinding): string {
  const { since, open, looked, api } = words.findings;
  const name = checked?.byName ?? (checked?.by === 'api' ? api : checked?.by);
  const then = checked && name !== undefined ? looked(name, formatMoment(checked.wallMs)) : open;
  return [since(formatMoment(wallMs)), then].join(' · ');
}
