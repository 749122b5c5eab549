/** A shop of real processes with intruders: enrolled by a join code like any till, or under the CA's own hand where many are needed. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { principalOf, type Principal, type StoreId, type TerminalId } from '#lib/domain/ids.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { openAuthority } from '#lib/trust/authority-store.ts';
import type { Authority } from '#lib/trust/authority.ts';
import { joinNetwork } from '#lib/trust/enrolment-client.ts';
import { issueIncarnation, type NewIncarnation } from '#lib/trust/incarnation.ts';
import { parseJoinCode } from '#lib/trust/join-code.ts';
import { newKeyPair } from '#lib/trust/keys.ts';
import { plannedSale } from '../system/sales.ts';
import { Shop, store } from '../system/shop.ts';
import { until } from '../system/until.ts';
import type { Role } from './company-network.ts';
import { Scribe } from './forgeries.ts';
import { Intruder } from './intruder.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export class AttackedShop {
  readonly shop: Shop;
  readonly authority: Authority;
  /** An honest till whose journal the test keeps by hand. */
  readonly theirs: Scribe;
  #terminals = 0;
  #sales = 0;

  private constructor(shop: Shop, authority: Authority, theirs: Scribe) {
    this.shop = shop;
    this.authority = authority;
    this.theirs = theirs;
  }

  /** T1 is attacked, T2 is honest, head office is attacked as well. */
  static async open(): Promise<AttackedShop> {
    const shop = await Shop.open(2);
    try {
      const authority = openAuthority(nodeDisk, shop.relayDirectory);
      if (!authority) throw new Error('no authority');
      const theirs = new Scribe(await incarnationOf(authority, 'Z1'));
      const attacked = new AttackedShop(shop, authority, theirs);
      for (let n = 0; n < 3; n++) theirs.write();
      const link = await attacked.linkTo('register', theirs.who);
      link.introduce();
      await link.answered();
      const changes = theirs.written.map(({ bytes }) => bytes);
      link.push(theirs.journal, 1, changes);
      for (const role of ['register', 'relay'] as const)
        await until(`their journal at the ${role}`, async () =>
          (await attacked.status(role)).tips[theirs.journal]?.seq === 3 ? true : undefined,
        );
      link.leave();
      return attacked;
    } catch (error) {
      await shop.close();
      throw error;
    }
  }

  /** By a code of head office, as any till is. */
  async enrol(terminal: string): Promise<NewIncarnation> {
    const code = parseJoinCode(await this.shop.joinCode(terminal));
    if (!code) throw new Error('no code');
    const { privateKey } = newKeyPair(random);
    const { caDer, terminalDer, issuers } = await joinNetwork({
      host: '127.0.0.1',
      port: this.shop.syncPort,
      code,
      terminalKey: privateKey,
      random,
      clock: machineClock,
    });
    return issueIncarnation({
      caDer,
      terminalDer,
      issuers,
      terminalKey: privateKey,
      random,
      nowMs: machineClock.wallMs(),
    });
  }

  newcomer(): Promise<NewIncarnation> {
    const n = this.#terminals++;
    const letter = String.fromCharCode(65 + Math.floor(n / 9_999));
    return incarnationOf(this.authority, `X${letter}${(n % 9_999) + 1}`);
  }

  portOf(role: Role): number {
    return role === 'relay' ? this.shop.syncPort : this.shop.till('T1').options.meshPort;
  }

  pidOf(role: Role): number {
    return (role === 'relay' ? this.shop.relay : this.shop.till('T1').process).pid;
  }

  status(role: Role) {
    return role === 'relay' ? this.shop.relayStatus() : this.shop.till('T1').status();
  }

  async victimOf(role: Role): Promise<Principal> {
    return principalOf((await this.status(role)) as never);
  }

  async linkTo(role: Role, who: NewIncarnation): Promise<Intruder> {
    return Intruder.link(who, await this.victimOf(role), this.portOf(role));
  }

  async connectTo(role: Role, who: NewIncarnation): Promise<Intruder> {
    return Intruder.connect(who, await this.victimOf(role), this.portOf(role));
  }

  /** Alive, honest links up, and a sale is acknowledged by T1. Returns milliseconds until the answer. */
  async expectSelling(): Promise<number> {
    const till = this.shop.till('T1');
    const startedMs = performance.now();
    await till.execute(plannedSale(`attacked-sale-${++this.#sales}`, [[1, 1]]).command);
    const tookMs = performance.now() - startedMs;
    await until('honest links', async () => {
      const linked = await till.linkedWith();
      return (linked.includes('S01-T2') && linked.includes('HQ-HQ1')) || undefined;
    });
    return tookMs;
  }

  /** P4: everybody holds the sales that were made, and nothing else. */
  async expectNothingElse(): Promise<void> {
    const { total } = await this.shop.agreed(this.#sales);
    expect(total).toBe((this.#sales * 1.01).toFixed(2));
    expect((await this.status('register')).tips[this.theirs.journal]?.seq).toBe(3);
  }

  /** By the command line, as whoever has looked at the machine does; what it says. */
  pardon(role: Role, terminal: string): Promise<string> {
    const { shop } = this;
    const [data, { url }] =
      role === 'relay'
        ? [shop.relayDirectory, shop.relayApi]
        : [shop.till('T1').options.data, shop.till('T1').api];
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const given = [main, 'mesh', 'pardon', terminal, '--data', data, '--api', new URL(url).host];
    return new Promise((resolve) => {
      execFile(process.execPath, given, (_error, out, err) => resolve(out + err));
    });
  }

  logOf(role: Role): string {
    const [directory, name] =
      role === 'relay'
        ? [this.shop.relayDirectory, 'relay']
        : [this.shop.till('T1').options.data, 'register'];
    return readFileSync(join(directory, 'logs', `${name}.log`), 'utf8');
  }

  /** Lines of the log that tell of this peer's offence. */
  offencesOf(role: Role, peer: Principal): string[] {
    return this.logOf(role)
      .split('\n')
      .filter((line) => line.includes('"hostile"') && line.includes(peer));
  }
}

async function incarnationOf(authority: Authority, terminal: string): Promise<NewIncarnation> {
  const { privateKey, publicKey } = newKeyPair(random);
  const nowMs = machineClock.wallMs();
  const terminalDer = await authority.issueTerminal({
    store: store as StoreId,
    terminal: terminal as TerminalId,
    publicKey,
    random,
    nowMs,
  });
  const { certificateDer: caDer, issuers } = authority;
  return issueIncarnation({ caDer, terminalDer, issuers, terminalKey: privateKey, random, nowMs });
}
