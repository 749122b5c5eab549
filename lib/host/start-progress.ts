/** How far a till is that has just joined, or comes back: what it can do already, and what is still on its way. */

/** `here` of `all`, as far as anybody who is linked has said. */
export type Figures = { readonly here: number; readonly all: number };

export type StartProgress = {
  /** `linking`: nobody answers yet. `catalogue`: products, prices and people are coming. `ready`: it can sell. */
  readonly step: 'linking' | 'catalogue' | 'ready';
  /** Linked tills, head office not among them, and whether head office is. */
  readonly tillsLinked: number;
  readonly hqLinked: boolean;
  /** Parts of the newest release that is known; none known: 0 of 0. */
  readonly catalogue: Figures;
  /** Entries of the store's journals. */
  readonly journals: Figures;
};

/** Whether older documents are still coming: from the first link on until this process had them all once. */
export const isCatchingUp = ({ journals }: StartProgress): boolean => journals.here < journals.all;

/** What somebody may know who is not signed in: figures only while nobody can be, and then no more than the step. */
export function publicProgress(progress: StartProgress, isSignedIn: boolean): StartProgress {
  if (isSignedIn || progress.step !== 'ready') return progress;
  const { step, tillsLinked, hqLinked } = progress;
  const none = { here: 0, all: 0 };
  return { step, tillsLinked, hqLinked, catalogue: none, journals: none };
}
