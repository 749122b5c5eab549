/**
 * HQ's organisation as one store sees it: settings and operators of the release in force. The hashes of PINs are
 * checked in here and never leave it: four digits behind a hash are found in minutes.
 */
import { z } from 'zod';
import { orgKeys } from '../documents/org-keys.ts';
import type { StoreId } from '../domain/ids.ts';
import type { Role } from '../domain/operator.ts';
import { roleField } from '../domain/role-field.ts';
import { plainSettings, readSettings, type StoreSettings } from '../domain/settings.ts';
import { markOfPerson } from '../host/sign-in.ts';
import { checkPin } from '../trust/pin-hash.ts';

const operatorFields = z.looseObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(roleField).min(1),
  /** Absent or of an unknown form: known by name, but cannot sign in. */
  pinHash: z.string().optional().catch(undefined),
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
  #pinHashes = new Map<string, string>();

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

  personMark(id: string): string | undefined {
    const operator = this.#operators.get(id);
    return operator && markOfPerson(operator.name, [this.#pinHashes.get(id) ?? '']);
  }

  /** Whether this is the operator's PIN. Takes the same ~25 ms, beside the event loop, for an operator that is not known. */
  isPinOf(operator: string, pin: string): Promise<boolean> {
    return checkPin(pin, this.#pinHashes.get(operator));
  }

  /** Takes over a release. What cannot be read here is left as it was: a newer HQ must not stop an older till. */
  replace(org: ReadonlyMap<string, unknown>): void {
    const settings = readSettings(org.get(orgKeys.settings(this.#store)));
    if (settings.ok) this.#settings = settings.value;
    const operators = new Map<string, StoreOperator>();
    const pinHashes = new Map<string, string>();
    for (const [key, value] of org) {
      if (!key.startsWith(orgKeys.operator(this.#store, ''))) continue;
      const read = operatorFields.safeParse(value);
      if (!read.success) continue;
      const { id, name, roles, pinHash } = read.data;
      operators.set(id, { id, name, roles });
      if (pinHash !== undefined) pinHashes.set(id, pinHash);
    }
    this.#operators = operators;
    this.#pinHashes = pinHashes;
  }
}
