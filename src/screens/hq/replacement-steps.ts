/** How far the replacement of a till is, step by step, out of what head office knows of it at this moment. Pure. */
import type { HqTerminal, TerminalDevice } from '#lib/host/hq-terminals.ts';
import { texts } from '../../texts/english.ts';
import { formatCount, formatHour, formatMoment } from '../../texts/format.ts';
import { shortKey } from './terminal-words.ts';

export type Step = {
  readonly id: 'out' | 'join' | 'fetch' | 'sell';
  readonly state: 'done' | 'now' | 'open';
  readonly text: string;
};

const words = texts.hqTerminal.steps;

/** The device that is to be replaced, or was: of several that are kept out the last one. */
export const outgoing = ({ devices }: HqTerminal): TerminalDevice | undefined =>
  devices.find((device) => device.revocation);

/** The one that has its name now. */
export const successor = ({ devices }: HqTerminal): TerminalDevice | undefined =>
  devices.find((device) => !device.revocation);

/** Worth showing by itself: one is kept out, and its successor has not sold yet, or is missing with a code open. */
export function isReplacing(terminal: HqTerminal): boolean {
  if (!outgoing(terminal)) return false;
  const next = successor(terminal);
  // Two have the name: that is another matter, and comes first.
  if (terminal.devices.filter((device) => !device.revocation).length > 1) return false;
  if (!next) return (terminal.codes?.length ?? 0) > 0 || terminal.unheard !== undefined;
  return (next.missingThere ?? 0) > 0 || documentsOf(next) === 0;
}

/** Empty where nothing was revoked yet. */
export function replacementSteps(terminal: HqTerminal): readonly Step[] {
  const old = outgoing(terminal);
  if (!old?.revocation) return [];
  const next = successor(terminal);
  return [
    { id: 'out', state: 'done', text: words.out(formatMoment(old.revocation.atMs)) },
    joinStep(terminal, next),
    fetchStep(terminal, next),
    sellStep(next),
  ];
}

function joinStep({ codes, unheard = [] }: HqTerminal, next: TerminalDevice | undefined): Step {
  if (next) {
    const text = words.joined(formatMoment(next.enrolledAtMs), shortKey(next.terminalKey));
    return { id: 'join', state: 'done', text };
  }
  const [key] = unheard;
  if (key !== undefined) return { id: 'join', state: 'now', text: words.unheard(shortKey(key)) };
  const until = codes?.at(-1)?.expiresAtMs;
  const open =
    until !== undefined ? words.code(formatHour(until)) : codes ? words.noCode : words.codeUnknown;
  return { id: 'join', state: 'now', text: `${words.joining} ${open}` };
}

function fetchStep({ entriesHere }: HqTerminal, next: TerminalDevice | undefined): Step {
  if (!next) return { id: 'fetch', state: 'open', text: words.fetching };
  const { missingThere } = next;
  const all = formatCount(entriesHere);
  if (missingThere === undefined) return { id: 'fetch', state: 'now', text: words.fetchingAway };
  return missingThere === 0
    ? { id: 'fetch', state: 'done', text: words.fetched(all) }
    : { id: 'fetch', state: 'now', text: words.fetchingLeft(formatCount(missingThere), all) };
}

function sellStep(next: TerminalDevice | undefined): Step {
  const life = next?.lifeList.find(({ documents }) => documents > 0);
  if (life) return { id: 'sell', state: 'done', text: words.sold(life.letter, life.documents) };
  return { id: 'sell', state: next?.missingThere === 0 ? 'now' : 'open', text: words.selling };
}

const documentsOf = ({ lifeList }: TerminalDevice): number =>
  lifeList.reduce((sum, { documents }) => sum + documents, 0);
