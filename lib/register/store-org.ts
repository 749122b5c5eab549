/** HQ's organisation as one store sees it: settings and operators of the release in force. */
import { z } from 'zod';
import { orgKeys } from '../documents/org-keys.ts';
import type { StoreId } from '../domain/ids.ts';
import { roleField, type Role } from '../domain/operator.ts';
import { plainSettings, readSettings, type StoreSettings } from '../domain/settings.ts';

const operatorFields = z.looseObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(roleField).min(1),
});
export type StoreOperator = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
};

export class StoreOrg {
  readonly #store: StoreId;
  #settings: StoreSettings = plainSettings('EUR');
  #operators = new Map<string, StoreOperator>();

  constructor(store: StoreId) {
    this.#store = store;
  }

  get settings(): StoreSettings {
    return this.#settings;
  }

  operator(id: string): StoreOperator | undefined {
    return this.#operators.get(id);
  }

  operators(): StoreOperator[] {
    return [...this.#operators.values()];
  }

  /** Takes over a release. What cannot be read here is left as it was: a newer HQ must not stop an older till. */
  replace(org: ReadonlyMap<string, unknown>): void {
    const settings = readSettings(org.get(orgKeys.settings(this.#store)));
    if (settings.ok) this.#settings = settings.value;
    const operators = new Map<string, StoreOperator>();
    for (const [key, value] of org) {
      if (!key.startsWith(orgKeys.operator(this.#store, ''))) continue;
      const read = operatorFields.safeParse(value);
      if (read.success) operators.set(read.data.id, read.data);
    }
    this.#operators = operators;
  }
}
