/** One line of the doctor: what was looked at, how it is, and what to do when it is not well. */
import type { Check } from '#lib/host/checks/check.ts';
import { checkWords } from '../../screens/check-words.ts';

export type Finding = {
  /** Short and stable: `disk-space`. */
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** Present unless all is well. */
  readonly todo?: string;
};

export const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found });
export const warn = (check: string, found: string, todo: string): Finding => ({
  check,
  state: 'warn',
  found,
  todo,
});
export const fail = (check: string, found: string, todo: string): Finding => ({
  check,
  state: 'fail',
  found,
  todo,
});

/** A check that a running till makes of itself too, in the same words. */
export function inWords(check: Check): Finding {
  const { found, todo } = checkWords(check);
  return { check: check.check, state: check.state, found, ...(todo !== undefined && { todo }) };
}

export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, state, found, todo }) => {
      const line = `${state.padEnd(4)}  ${check.padEnd(width)}  ${found}`;
      return todo === undefined ? line : `${line}\n${' '.repeat(width + 8)}→ ${todo}`;
    })
    .join('\n');
}
