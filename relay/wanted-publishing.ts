/**
 * The one way from a wish of head office to a release: the database must know the release in force before it is written
 * to or published from. One that does not (wiped, restored, replaced, failed over) is filled again from the documents.
 */
import { TillmeshError } from '../lib/domain/errors.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import { headsDigest, type Published, type Publisher } from './publisher.ts';
import { rowsOf, wantedState } from './wanted-records.ts';
import type { WantedState } from './wanted-state.ts';

export type WantedPublishingParts = {
  readonly publisher: Publisher;
  readonly wanted: WantedState;
  /** Stores are opened before anything of them is published, those of which only a revocation is known too. */
  readonly openStores: () => Promise<void>;
  /** The database was filled again from this release. */
  readonly onRefilled: (release: number) => void;
  /** The documents of the newest release are to be asked for, or are all here. */
  readonly onMissing: (isMissing: boolean) => void;
};

export class WantedPublishing {
  readonly #p: WantedPublishingParts;
  #turn: Promise<unknown> = Promise.resolve();
  #refilledFrom: number | undefined;

  constructor(parts: WantedPublishingParts) {
    this.#p = parts;
  }

  /** The release that the database was filled again from, since this process began. */
  get refilledFrom(): number | undefined {
    return this.#refilledFrom;
  }

  /** Compares, and fills again where needed. @throws RELEASE_NOT_HERE, DATABASE_UNREACHABLE */
  settle(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#revoke();
      await this.#settle();
    });
  }

  /** @throws as `settle` does, and DATABASE_WENT_BACK */
  publish(): Promise<Published> {
    return this.change(() => Promise.resolve());
  }

  /** Writes to the database what `write` does, and publishes it. */
  change(write: () => Promise<unknown>): Promise<Published> {
    return this.#inTurn(async () => {
      await this.#revoke();
      await this.#settle();
      await write();
      await this.#p.openStores();
      const { publisher, wanted } = this.#p;
      return publisher.publish(await wantedState(wanted), (last, heads) =>
        wanted.beginRelease(
          last && { n: last.n, digest: headsDigest(last.heads) },
          headsDigest(heads),
        ),
      );
    });
  }

  /** Writes a revocation to the database, and signs it. Waits for no release: who has lost a till cannot wait. */
  revoke(write: () => Promise<Revocation>): Promise<Revocation> {
    return this.#inTurn(async () => {
      const standing = await write();
      await this.#revoke();
      return standing;
    });
  }

  /** Database and notices know the same revocations: none is ever taken back, so each takes what it lacks. */
  async #revoke(): Promise<void> {
    const { publisher, wanted, openStores } = this.#p;
    const kept = await wanted.revocations();
    const known = new Set(kept.map(({ store, terminalKey }) => `${store} ${terminalKey}`));
    await wanted.keepRevocations(
      publisher.revocations.filter(
        ({ store, terminalKey }) => !known.has(`${store} ${terminalKey}`),
      ),
    );
    if (kept.length === 0) return;
    await openStores();
    await publisher.revoke(kept);
  }

  async #settle(): Promise<void> {
    const { publisher, wanted, onMissing } = this.#p;
    const { lastRelease: last } = publisher;
    if (!last) return;
    const release = { n: last.n, digest: headsDigest(last.heads) };
    if (!(await wanted.knowsRelease(release))) {
      const contents = await publisher.contents(last);
      onMissing(contents === undefined);
      if (!contents) throw new TillmeshError('RELEASE_NOT_HERE', `release ${last.n}`);
      await wanted.refill(rowsOf(contents), release);
      this.#refilledFrom = last.n;
      this.#p.onRefilled(last.n);
    }
    onMissing(false);
    await this.#p.openStores();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}
