/** The way of a document from its till to the archive, as steps of a story. Pure. */
import type { HqReceipt } from '#lib/host/hq-services.ts';
import { texts } from '../../texts/english.ts';
import { formatInstant } from '../../texts/format.ts';

const words = texts.hq.receipt;

export type CustodyStep = {
  readonly done: boolean;
  readonly text: string;
  /** When; empty where it is not known. */
  readonly when: string;
  readonly details?: string;
};

export function custodySteps(receipt: HqReceipt): readonly CustodyStep[] {
  const { custody, store, terminal, wallMs, zone, operator, operatorName } = receipt;
  const { letter, arrivedAtMs, archivedAtMs, isHere, holders, posting } = custody;
  const till = `${store}-${terminal}`;
  return [
    {
      done: true,
      text: letter === undefined ? words.signedUnknown(till) : words.signed(till, letter),
      when: formatInstant(wallMs, zone),
      details: operatorName ?? operator,
    },
    {
      done: holders.length > 0,
      text: holders.length === 0 ? words.noHolders : words.holders(holders.length),
      when: '',
      details: holders.join(', '),
    },
    isHere
      ? {
          done: true,
          text: arrivedAtMs === undefined ? words.arrivedBefore : words.arrived,
          when: arrivedAtMs === undefined ? '' : formatInstant(arrivedAtMs),
        }
      : { done: false, text: words.notHere, when: '' },
    archivedStep(receipt, archivedAtMs),
    ...(posting ? [postingStep(posting)] : []),
  ];
}

function archivedStep({ custody }: HqReceipt, archivedAtMs: number | undefined): CustodyStep {
  if (!custody.archived) return { done: false, text: words.notArchived, when: '' };
  return archivedAtMs === undefined
    ? { done: true, text: words.archiveUnknown, when: '' }
    : { done: true, text: words.archived, when: formatInstant(archivedAtMs) };
}

function postingStep({
  state,
  attempts,
  message,
}: NonNullable<HqReceipt['custody']['posting']>): CustodyStep {
  if (state === 'posted') return { done: true, text: words.posted, when: '' };
  const text = state === 'parked' ? words.parked(message) : words.refused(attempts, message);
  return { done: false, text, when: '' };
}
