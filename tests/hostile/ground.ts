/** Where attacks are tried: the network, intruders as many as one likes, and what is looked at before and after. */
import { createHash } from 'node:crypto';
import type { DocumentId } from '@automerge/automerge-repo';
import { expect } from 'vitest';
import type { ErrorCode } from '#lib/domain/errors.ts';
import type { EntryHash, JournalKey, Principal } from '#lib/domain/ids.ts';
import type { Replica } from '#lib/replica/replica.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { store } from '../simulation/goods.ts';
import { until } from '../system/until.ts';
import { CompanyNetwork, type Role } from './company-network.ts';
import { Scribe } from './forgeries.ts';
import { Intruder } from './intruder.ts';

export const roles: readonly Role[] = ['register', 'relay'];

export class Ground {
  readonly network: CompanyNetwork;
  /** An honest till whose journal is kept by the test's own hand: three entries, known to everybody. */
  readonly theirs: Scribe;
  readonly #links: Intruder[] = [];
  readonly #newcomers = new Set<Principal>();
  #terminals = 0;

  private constructor(network: CompanyNetwork, theirs: Scribe) {
    this.network = network;
    this.theirs = theirs;
  }

  static async open(): Promise<Ground> {
    const network = await CompanyNetwork.open();
    const ground = new Ground(network, new Scribe(await network.company.incarnation(store, 'T9')));
    await ground.introduce(ground.theirs, 3);
    await network.sell();
    return ground;
  }

  async close(): Promise<void> {
    this.leave();
    await this.network.close();
  }

  /** Makes a till known to all, with so many entries. */
  async introduce(scribe: Scribe, entries: number): Promise<void> {
    for (let n = 0; n < entries; n++) scribe.write();
    for (const role of roles) {
      const link = await this.linkTo(role, scribe.who);
      link.introduce();
      await link.answered();
      if (entries > 0)
        link.push(
          scribe.journal,
          1,
          scribe.written.map(({ bytes }) => bytes),
        );
      await until(
        'their journal',
        () => this.tip(role, scribe.journal).seq === entries || undefined,
      );
    }
    this.leave();
  }

  /** Another enrolled terminal with its first incarnation; its name is as long as those in `frame-tables.ts`. */
  async newcomer(): Promise<NewIncarnation> {
    const n = this.#terminals++;
    const terminal = `${String.fromCharCode(65 + (n % 19))}${Math.floor(n / 19)}`;
    const who = await this.network.company.incarnation(store, terminal);
    this.#newcomers.add(who.principal);
    return who;
  }

  async linkTo(role: Role, who: NewIncarnation): Promise<Intruder> {
    const link = await Intruder.link(
      who,
      this.replica(role).me.principal,
      this.network.node(role).port,
    );
    this.#links.push(link);
    return link;
  }

  /** A link that has not greeted. */
  async connectTo(role: Role, who: NewIncarnation): Promise<Intruder> {
    const { me } = this.replica(role);
    const link = await Intruder.connect(who, me.principal, this.network.node(role).port);
    this.#links.push(link);
    return link;
  }

  leave(): void {
    for (const link of this.#links.splice(0)) link.leave();
  }

  replica(role: Role): Replica {
    return this.network.node(role).replica;
  }

  tip(role: Role, journal: JournalKey): { seq: number; hash: EntryHash | '-' } {
    return this.replica(role).journals.tip(journal);
  }

  /** What no attack may change: everything but what honest tills write meanwhile. */
  picture(role: Role, id?: DocumentId) {
    const replica = this.replica(role);
    const { register, honest } = this.network;
    const living: JournalKey[] = [register.replica.own.key, honest.replica.own.key];
    const rule = replica.registry.journalRule(this.theirs.journal, 1);
    const handle = id && replica.repo.handles[id];
    return {
      tips: [...replica.tips()].filter(([journal]) => !living.includes(journal)),
      file: rule && createHash('sha256').update(replica.journals.bytes(rule)).digest('hex'),
      heads: handle?.isReady() === true ? handle.heads().slice().sort() : [],
      // Whoever is enrolled becomes known as soon as anything shows its chain, and may.
      members: replica.keyring
        .members()
        .map(({ principal }) => principal)
        .filter((principal) => !this.#newcomers.has(principal)),
      prices: register.running.models.searchProducts('TEA', 1)[0]?.prices,
      operators: register.running.org.operators(),
      release: register.running.release,
    };
  }

  async expectBarred(role: Role, link: Intruder, code: ErrorCode): Promise<void> {
    expect(await link.closed()).toBe(1008);
    const { offences } = this.network.node(role);
    const { principal } = link.me;
    const told = offences.filter((event) => 'peer' in event && event.peer === principal);
    expect(told).toEqual([expect.objectContaining({ kind: 'hostile', code })]);
    expect(this.isBarred(role, principal)).toBe(true);
    if (role === 'register') await this.#observed(principal, code);
  }

  isBarred(role: Role, peer: Principal): boolean {
    return this.replica(role).mesh.barred.some((bar) => bar.peer === peer);
  }

  /** Honest peers are linked, and a sale is acknowledged. */
  expectSelling(role: Role): void {
    expect(this.network.honestPeersOf(this.network.node(role))).toHaveLength(2);
    expect(this.network.sellOnce(role).seq).toBeGreaterThan(0);
  }

  /** The victim's own word, in its journal, on who was refused. */
  async #observed(peer: Principal, code: ErrorCode): Promise<void> {
    const replica = this.replica('register');
    await until(`the observation of ${peer}`, () => {
      const entries = [...replica.journals.reader.entriesFrom(replica.own.key, 1)].flat();
      return (
        entries.some(
          ({ entry: { type, body } }) =>
            type === 'ForeignWriteRefused' && body['peer'] === peer && body['code'] === code,
        ) || undefined
      );
    });
  }
}
