/** Lines of a self-test in the words of the screens' language. Pure. */
import type { Check } from '#lib/host/checks/check.ts';
import { texts } from '../texts/english.ts';
import { formatCount, formatDate, formatWait } from '../texts/format.ts';

const { found, todo } = texts.checks;
const writing = { count: formatCount, span: formatWait, day: formatDate };

export type CheckWords = { readonly name: string; readonly found: string; readonly todo?: string };

export function checkWords(check: Check): CheckWords {
  // Each kind's own sentence takes that kind: the table's type says so, and a union cannot.
  const say: (check: never, write: typeof writing) => string = found[check.found];
  const advice = check.state === 'ok' ? undefined : todo[check.found]?.(check.state);
  return {
    name: texts.checks.names[check.check],
    found: say(check as never, writing),
    ...(advice !== undefined && { todo: advice }),
  };
}
