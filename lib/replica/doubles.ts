/** Terminals that head office has met twice at one time, out of the stores' notices. */
import { readDouble, type DoubleNotice } from '../domain/double-notice.ts';
import type { ListedRecord } from './list-changes.ts';

export class Doubles {
  /** One for each store and key: lives cost their terminal nothing. */
  readonly #known = new Map<string, DoubleNotice>();

  /** A record of any list. */
  learn({ rule, fields }: Pick<ListedRecord, 'rule' | 'fields'>): void {
    if (rule.list !== 'notices' || rule.store === undefined) return;
    const double = readDouble(fields, rule.store);
    if (!double) return;
    const known = this.#known.get(keyOf(double));
    // Of two relays' words the earlier one, so that all say the same.
    if (!known || double.at < known.at) this.#known.set(keyOf(double), double);
  }

  has(double: Pick<DoubleNotice, 'store' | 'terminalKey'>): boolean {
    return this.#known.has(keyOf(double));
  }

  list(): readonly DoubleNotice[] {
    return [...this.#known.values()];
  }
}

const keyOf = ({ store, terminalKey }: Pick<DoubleNotice, 'store' | 'terminalKey'>): string =>
  `${store} ${terminalKey}`;
