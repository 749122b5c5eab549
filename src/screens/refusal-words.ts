/** A refusal in the language of the screens. Pure. */
import type { RefusalCode } from '#lib/domain/refusals.ts';
import { texts } from '../texts/english.ts';

/** As it comes from the own process: `message` is for what this page, older than the process, has no words for. */
export type RefusalSeen = {
  readonly code: string;
  readonly message: string;
  readonly about?: string;
};

export function refusalWords({ code, message, about = '' }: RefusalSeen): string {
  const { sentences, about: withAbout } = texts.refusals;
  if (!Object.hasOwn(sentences, code)) return message;
  const sentence = sentences[code as RefusalCode];
  return about === '' ? sentence : withAbout(sentence, about);
}
