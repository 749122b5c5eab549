/** The status light in words: what it says, who is linked, what waits. Pure. */
import { terminalOf } from '#lib/host/peer-list.ts';
import type { PublicStatus } from '#lib/host/public-status.ts';
import type { Status } from '#lib/host/services.ts';
import { statusLight, type LightWord } from '#lib/host/status-light.ts';
import { texts } from '../texts/english.ts';
import { formatNames } from '../texts/format.ts';

export type StatusWords = {
  /** `lost`: the page has lost its process, and what that said last says nothing any more. */
  readonly light: LightWord | 'lost';
  /** Of the light itself. */
  readonly word: string;
  /** What it means here. */
  readonly sentence: string;
  /** `2 tills · HQ`. */
  readonly links: string;
  /** How many documents (of a relay: entries) are not where they belong yet; empty for none. */
  readonly waiting: string;
};

/** As much of it as anybody may know. */
export function lightWords({
  role,
  light: { word: light, tillsLinked, hqLinked },
}: Pick<PublicStatus, 'role' | 'light'>): Pick<StatusWords, 'word' | 'links'> & {
  readonly light: LightWord;
} {
  const words = role === 'relay' ? texts.relayLights : texts.lights;
  const links = [
    ...(tillsLinked > 0 ? [texts.peers.tills(tillsLinked)] : []),
    ...(hqLinked ? [texts.peers.hq] : []),
  ];
  return { light, word: words[light], links: links.join(' · ') };
}

export function statusWords(status: Status, isLost = false): StatusWords {
  if (isLost)
    return { light: 'lost', word: texts.lost, sentence: texts.lostLight, links: '', waiting: '' };
  const light = statusLight(status);
  const { waiting } = light;
  const count = waiting.forHq || waiting.forArchive;
  const gone = status.peers.filter(({ linked, principal }) => !linked && !isRelay(principal));
  const sentences = status.role === 'relay' ? texts.relayLightSentences : texts.lightSentences;
  return {
    ...lightWords({ role: status.role, light }),
    sentence: status.revoked
      ? texts.sync.revoked
      : sentences[light.word]({
          waiting,
          gone: formatNames(gone.map(({ principal }) => terminalOf(principal))),
        }),
    waiting: count > 0 ? texts.peers.waiting(count) : '',
  };
}

/** One relay of several that is away is nobody's loss: they share the archive. */
const isRelay = (principal: string): boolean => principal.startsWith('HQ-');
