/** The steps from a code to the first sale, as a page shows them. Pure. */
import type { StartProgress } from '#lib/host/start-progress.ts';
import { texts } from '../../texts/english.ts';

export type StepState = 'waits' | 'underWay' | 'done';
export type Step = {
  readonly name: string;
  readonly state: StepState;
  readonly detail: string;
  /** From 0 to 1; absent where nobody knows. */
  readonly share?: number;
};

const words = texts.setup.steps;

/** `progress` undefined: the register does not answer yet. */
export function stepsOf(name: string, progress: StartProgress | undefined): readonly Step[] {
  const joined: Step = { name: words.joined(name), state: 'done', detail: '' };
  if (!progress) {
    return [
      joined,
      { name: words.starting, state: 'underWay', detail: '' },
      { name: words.catalogue, state: 'waits', detail: '' },
      { name: words.journals, state: 'waits', detail: '' },
      { name: words.ready, state: 'waits', detail: '' },
    ];
  }
  const { step, tillsLinked, hqLinked, catalogue, journals } = progress;
  const isReady = step === 'ready';
  const isLinked = tillsLinked > 0 || hqLinked;
  return [
    joined,
    {
      name: isLinked ? words.linked(tillsLinked, hqLinked) : words.linking,
      state: isLinked || isReady ? 'done' : 'underWay',
      detail: '',
    },
    {
      name: words.catalogue,
      state: isReady ? 'done' : isLinked ? 'underWay' : 'waits',
      detail: catalogue.all > 0 ? words.parts(catalogue.here, catalogue.all) : '',
      ...shareOf(catalogue),
    },
    {
      name: words.journals,
      state: journals.all === 0 ? 'waits' : journals.here < journals.all ? 'underWay' : 'done',
      detail: journals.all > 0 ? words.entries(journals.here, journals.all) : '',
      ...shareOf(journals),
    },
    { name: words.ready, state: isReady ? 'done' : 'waits', detail: '' },
  ];
}

const shareOf = ({ here, all }: StartProgress['catalogue']): { share?: number } =>
  all > 0 ? { share: Math.min(1, here / all) } : {};

/** What a person can do about it; empty where it goes on by itself. */
export function hintFor({ step, hqLinked, tillsLinked, catalogue }: StartProgress): string {
  if (step === 'linking') return texts.setup.nobody;
  const isNothing = step === 'catalogue' && catalogue.all === 0 && hqLinked && tillsLinked === 0;
  return isNothing ? texts.setup.nothingYet : '';
}
