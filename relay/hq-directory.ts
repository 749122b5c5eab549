/**
 * Stores by their names, and who may sign in at head office: the managers of its stores, as the database wants them.
 * Kept between looks, so that whoever is signed in goes on while the database is away; hashes of PINs never leave it.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../lib/domain/clock.ts';
import type { StoreId } from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import { roleField } from '../lib/domain/role-field.ts';
import { markOfPerson, type SignInPeople } from '../lib/host/sign-in.ts';
import type { OperatorName } from '../lib/host/till-services.ts';
import { checkPin } from '../lib/trust/pin-hash.ts';
import type { Database } from './database.ts';
import { inTime } from './in-time.ts';

type Person = OperatorName & {
  readonly stores: readonly StoreId[];
  readonly pinHashes: readonly string[];
};
type Store = { readonly name: string; readonly currency: string };

const recordFields = z.looseObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(roleField).min(1),
  pinHash: z.string().optional().catch(undefined),
});

export class HqDirectory implements SignInPeople {
  readonly #database: Database;
  readonly #clock: Clock;
  #people: ReadonlyMap<string, Person> = new Map();
  #stores: ReadonlyMap<StoreId, Store> = new Map();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  operators(): readonly OperatorName[] {
    return [...this.#people.values()].map(nameOf);
  }

  operator(id: string): OperatorName | undefined {
    const person = this.#people.get(id);
    return person && nameOf(person);
  }

  personMark(id: string): string | undefined {
    const person = this.#people.get(id);
    return person && markOfPerson(person.name, person.pinHashes);
  }

  /** The stores that this person manages; none for somebody who is not known. */
  storesOf(id: string): readonly StoreId[] {
    return this.#people.get(id)?.stores ?? [];
  }

  nameOf(store: StoreId): string | undefined {
    return this.#stores.get(store)?.name;
  }

  currencyOf(store: StoreId): string {
    return this.#stores.get(store)?.currency ?? 'EUR';
  }

  /** A person of several stores has a hash from each, of one PIN or of several. */
  async isPinOf(operator: string, pin: string): Promise<boolean> {
    const hashes = this.#people.get(operator)?.pinHashes ?? [];
    for (const hash of hashes) if (await checkPin(pin, hash)) return true;
    return hashes.length === 0 ? checkPin(pin, undefined) : false;
  }

  /** @throws DATABASE_UNREACHABLE; then everything stays as it was. */
  async renew(): Promise<void> {
    const asked = this.#database.run((db) =>
      Promise.all([
        sql<{ store_id: string; name: string; currency: string | null }>`
          select store_id, name, settings->>'currency' as currency
          from stores left join settings using (store_id)`.execute(db),
        sql<{ store_id: string; record: unknown }>`
          select store_id, record from operators
          where record @> '{"roles": ["manager"]}' order by store_id, operator`.execute(db),
      ]),
    );
    const [stores, managers] = await inTime(this.#clock, limits.archiveAnswerMs, asked);
    this.#stores = new Map(
      stores.rows.map(({ store_id: store, name, currency }) => [
        store as StoreId,
        { name, currency: currency ?? 'EUR' },
      ]),
    );
    this.#people = peopleOf(managers.rows);
  }
}

const nameOf = ({ id, name, roles }: Person): OperatorName => ({ id, name, roles });

type Row = { readonly store_id: string; readonly record: unknown };

/**
 * One person is one id with one name, whatever the number of stores: ids are given out store by store, and two people of
 * two stores may have the same one. Then each is known by id and store.
 */
function peopleOf(rows: readonly Row[]): ReadonlyMap<string, Person> {
  const found = new Map<
    string,
    { id: string; name: string; stores: StoreId[]; hashes: string[] }
  >();
  for (const { store_id: store, record } of rows) {
    const read = recordFields.safeParse(record);
    if (!read.success) continue;
    const { id, name, pinHash } = read.data;
    const key = JSON.stringify([id, name]);
    const person = found.get(key) ?? { id, name, stores: [], hashes: [] };
    person.stores.push(store as StoreId);
    if (pinHash !== undefined && person.hashes.length < limits.pinHashesOfOne)
      person.hashes.push(pinHash);
    found.set(key, person);
  }
  const people = new Map<string, Person>();
  const namesakes = Map.groupBy(found.values(), ({ id }) => id);
  for (const [id, those] of namesakes) {
    for (const { name, stores, hashes } of those) {
      const key = those.length === 1 ? id : `${id}:${stores[0] ?? ''}`;
      // An id that looks like somebody's id and store must not become that person.
      if (people.has(key) || (key !== id && namesakes.has(key))) continue;
      people.set(key, { id: key, name, roles: ['manager'], stores, pinHashes: hashes });
    }
  }
  return people;
}
