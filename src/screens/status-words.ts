/** The status light in words: what it says, who is linked, what waits. Pure. */
import { terminalOf } from '#lib/host/peer-list.ts';
import type { Status } from '#lib/host/services.ts';
import { texts } from '../texts/english.ts';
import { formatNames } from '../texts/format.ts';
import { lightOf, waitingOf } from './light.ts';

export type StatusWords = {
  /** Of the light itself. */
  readonly word: string;
  /** What it means here. */
  readonly sentence: string;
  /** `2 tills · HQ`. */
  readonly links: string;
  /** How many entries are not where they belong yet; empty for none. */
  readonly waiting: string;
};

export function statusWords(status: Status): StatusWords {
  const light = lightOf(status);
  const waiting = waitingOf(status);
  const gone = status.peers.filter((peer) => !peer.linked).map(({ principal }) => principal);
  const [words, sentences] =
    status.role === 'relay'
      ? [texts.relayLights, texts.relayLightSentences]
      : [texts.lights, texts.lightSentences];
  return {
    word: words[light],
    sentence: sentences[light]({ waiting, gone: formatNames(gone.map(terminalOf)) }),
    links: linksText(status),
    waiting: waiting > 0 ? texts.peers.waiting(waiting) : '',
  };
}

function linksText({ peers }: Status): string {
  const linked = peers.filter((peer) => peer.linked);
  const isRelay = (peer: { readonly principal: string }): boolean =>
    peer.principal.startsWith('HQ-');
  const tills = linked.filter((peer) => !isRelay(peer)).length;
  const hq = linked.some(isRelay) ? [texts.peers.hq] : [];
  return [...(tills > 0 ? [texts.peers.tills(tills)] : []), ...hq].join(' · ');
}
