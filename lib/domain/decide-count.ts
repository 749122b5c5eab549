/** A stock count: per line what is on the shelf, when it was read, and what the till had seen at that moment. */
import type { Bodies } from './bodies.ts';
import type { CountStock } from './commands.ts';
import type { DecisionState, DraftOutcome } from './decision.ts';
import type { JournalKey } from './ids.ts';
import { done, refused } from './refusals.ts';

export function decideCountStock(state: DecisionState, command: CountStock): DraftOutcome {
  const now = state.hlcNow();
  const tips = state.tips();
  const lines: Bodies['StockCounted']['lines'][number][] = [];
  for (const { sku, batch, quantityMilli, read } of command.lines) {
    const { at, seen } = read ?? { at: now, seen: tips };
    // A count that claims to have seen what is not here would swallow sales that are still to come.
    if (at > now || !isWithin(seen, tips)) return refused('COUNT_FROM_FUTURE', sku);
    lines.push({ sku, ...(batch === undefined ? {} : { batch }), quantityMilli, at, seen });
  }
  return done({ type: 'StockCounted', body: { lines } });
}

function isWithin(
  seen: Readonly<Record<JournalKey, number>>,
  tips: Readonly<Record<JournalKey, number>>,
): boolean {
  return Object.entries(seen).every(([journal, seq]) => seq <= (tips[journal as JournalKey] ?? 0));
}
