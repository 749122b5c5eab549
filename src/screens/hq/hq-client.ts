/** What a page asks of head office: see `till-client.ts`, whose way of asking this is. */
import type {
  Enrolling,
  HqDocuments,
  HqDocumentsAsk,
  HqOverview,
  HqReceipt,
  HqStore,
  HqTerminals,
  OpenJoinCode,
  ReplaceAsk,
  RevokeAsk,
  Revoking,
} from '#lib/host/hq-services.ts';
import type {
  GrantAsk,
  Granting,
  HqReplacing,
  HqTerminal,
  Withdrawing,
} from '#lib/host/hq-terminals.ts';
import type { BarView } from '#lib/host/services.ts';
import type { Refused } from '#lib/host/till-services.ts';
import type { HqReleases } from '#lib/host/releases.ts';
import { texts } from '../../texts/english.ts';
import { ask, query, sentenceOf, TillFault } from '../till-client.ts';

export const hqClient = {
  overview: () => ask<HqOverview>('GET', 'hq/overview'),
  store: (store: string) => ask<HqStore>('GET', `hq/stores/${encodeURIComponent(store)}`),
  documents: ({ limit, ...filter }: HqDocumentsAsk) =>
    ask<HqDocuments>('GET', `hq/documents?${query({ ...filter, limit: String(limit) })}`),
  /** `hash` says which one is meant where two documents have one number. */
  receipt: (store: string, number: string, hash?: string) =>
    ask<HqReceipt>(
      'GET',
      `hq/receipts/${encodeURIComponent(store)}/${encodeURIComponent(number)}?${query({ hash })}`,
    ),
  barred: () => ask<{ readonly barred: readonly BarView[] }>('GET', 'hq/barred'),
  async pardon(terminal: string): Promise<void> {
    const answer = await ask<{ readonly outcome: 'done' } | Refused>('POST', 'hq/pardons', {
      terminal,
    });
    if (answer.outcome === 'refused') throw new TillFault(answer.code, answer.message);
  },
  releases: () => ask<HqReleases>('GET', 'hq/releases'),
  terminals: () => ask<HqTerminals>('GET', 'hq/terminals'),
  enrol: (store: string, terminal: string) =>
    ask<Enrolling>('POST', 'hq/join-codes', { store, terminal }),
  terminal: (store: string, terminal: string) =>
    ask<HqTerminal>(
      'GET',
      `hq/terminals/${encodeURIComponent(store)}/${encodeURIComponent(terminal)}`,
    ),
  revoke: (asked: RevokeAsk) => ask<Revoking>('POST', 'hq/revocations', asked),
  replace: (asked: ReplaceAsk) => ask<HqReplacing>('POST', 'hq/replacements', asked),
  grant: (range: GrantAsk) => ask<Granting>('POST', 'hq/issuers', range),
  withdraw: ({ store, id }: OpenJoinCode) =>
    ask<Withdrawing>(
      'DELETE',
      `hq/join-codes/${encodeURIComponent(store)}/${encodeURIComponent(id)}`,
    ),
};

/** The sentence of whatever was thrown, as head office says it. */
export const hqSentenceOf = (error: unknown): string =>
  error instanceof TillFault && error.code === 'NO_ANSWER' ? texts.hq.noAnswer : sentenceOf(error);
