/** The journal of a till in memory, and its printouts: for tests of the screens. */
import { isActType } from '../domain/acts.ts';
import type { Decision } from '../domain/decision.ts';
import type { Command } from '../domain/commands.ts';
import { documentOf } from '../domain/document-summary.ts';
import type { EntryHash } from '../domain/ids.ts';
import type { SampleTill } from '../domain/sample-till.ts';
import type { ActCount, JournalLine, PrintServices, ReadingServices } from './till-services.ts';

export function fakeJournal(parts: {
  readonly till: SampleTill;
  readonly hash: EntryHash;
  readonly recorded: readonly { readonly by: string; readonly wallMs: number }[];
  readonly run: (command: Command) => Decision;
}): Pick<ReadingServices, 'journal'> & PrintServices & { isUnprinted(seq: number): boolean } {
  const { till, hash, recorded, run } = parts;
  const printed = new Set<number>();

  function lineAt(seq: number): JournalLine | undefined {
    const entry = till.recorded[seq - 1];
    if (!entry) return undefined;
    const { type, body } = entry;
    const { by = '', wallMs = 0 } = recorded[seq - 1] ?? {};
    const document = documentOf(type, body);
    return {
      key: { journal: till.journal, seq },
      hash,
      type,
      state: 'folded',
      number: till.numberAt(seq),
      isDocument: document !== undefined,
      wallMs,
      zone: 'Europe/London',
      terminal: till.terminal,
      operator: by,
      businessDay: till.businessDay,
      ...(document?.currency !== undefined && { currency: document.currency }),
      ...(document && { totalMinor: document.totalMinor }),
      detail: isActType(type) ? { ...body } : {},
    };
  }

  const isAsked = (asked: string | undefined, value: string): boolean =>
    asked === undefined || asked === value;

  return {
    isUnprinted: (seq) => !printed.has(seq),
    journal(limit, { terminal, operator, type, businessDay = till.businessDay } = {}) {
      const all = till.recorded.flatMap((_, n) => lineAt(n + 1) ?? []).reverse();
      const counts = new Map<string, ActCount>();
      for (const line of all.filter(({ isDocument }) => !isDocument)) {
        const key = `${line.operator} ${line.type}`;
        const count = (counts.get(key)?.count ?? 0) + 1;
        counts.set(key, { operator: line.operator, type: line.type, count });
      }
      const entries = all
        .filter((line) => isAsked(terminal, line.terminal) && isAsked(operator, line.operator))
        .filter((line) => isAsked(type, line.type) && businessDay === line.businessDay);
      return { entries: entries.slice(0, limit), counts: [...counts.values()], businessDay };
    },
    print(by, of, command) {
      if (!printed.has(of.seq)) {
        printed.add(of.seq);
        return { outcome: 'done', copy: 0 };
      }
      const decision = run({ kind: 'ReprintReceipt', command, by, of });
      if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
      return { outcome: 'done', copy: till.printed(of)?.copies ?? 0 };
    },
  };
}
