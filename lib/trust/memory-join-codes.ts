/** Join codes in memory, for tests and simulations: a relay keeps them in its database. */
import type { JoinCodeRecord, JoinCodeStore } from './enrolment-office.ts';
import type { JoinCodeId } from './join-code.ts';

export class MemoryJoinCodes implements JoinCodeStore {
  readonly #records = new Map<JoinCodeId, JoinCodeRecord>();

  async add(record: JoinCodeRecord, nowMs: number): Promise<boolean> {
    const present = this.#records.get(record.id);
    if (present !== undefined && !present.used && nowMs < present.expiresAtMs) return false;
    this.#records.set(record.id, record);
    return true;
  }

  async find(id: JoinCodeId): Promise<JoinCodeRecord | undefined> {
    return this.#records.get(id);
  }

  async fail(id: JoinCodeId): Promise<void> {
    const record = this.#records.get(id);
    if (record) this.#records.set(id, { ...record, failedTries: record.failedTries + 1 });
  }

  async use(id: JoinCodeId): Promise<boolean> {
    const record = this.#records.get(id);
    if (record === undefined || record.used) return false;
    this.#records.set(id, { ...record, used: true });
    return true;
  }
}
