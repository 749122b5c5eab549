/**
 * A shop whose clocks are wrong by more than a year, and whoever wants a link to it: strangers are refused by till and relay,
 * whichever side dials; dates decide nothing; the shop sells, and nobody's clock is dragged along.
 */
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import { createServer, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal, Sku } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import { parseHlc } from '#lib/journal/hybrid-clock.ts';
import { TillCart } from '#lib/register/cart.ts';
import type { Register } from '#lib/register/register.ts';
import { verifyChain } from '#lib/trust/chain.ts';
import { meshTlsOptions } from '#lib/trust/tls-chain.ts';
import { store } from '../simulation/goods.ts';
import { until } from '../system/until.ts';
import { CompanyNetwork, type Node, type Role } from './company-network.ts';
import { oddMembers, pemsOf, strangers, type Shown } from './credentials.ts';
import { Scribe } from './forgeries.ts';
import { roles } from './ground.ts';
import { Intruder } from './intruder.ts';

const dayMs = 86_400_000;
/** T1's clock is right. */
const offsetsMs: Readonly<Record<string, number>> = { T2: 400 * dayMs, T3: -400 * dayMs };

let network: CompanyNetwork;
let third: Node<Register>;
let outside: Shown[];
let odd: Shown[];
beforeAll(async () => {
  network = await CompanyNetwork.open(offsetsMs);
  third = await network.add('T3');
  outside = await strangers(network.company);
  odd = await oddMembers(network.company, 'attacked');
});
afterAll(() => network?.close());

const port = (role: Role): number => network.node(role).port;
const webSocketKey = `${'A'.repeat(22)}==`;

/** What comes back to an upgrade: the status, or 0 where the connection ends before. */
async function upgrade(role: Role, who: Shown): Promise<number> {
  const socket = connect({
    host: '127.0.0.1',
    port: port(role),
    ...meshTlsOptions(pemsOf(who)),
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => undefined);
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.once('data', (data: Buffer) =>
    resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1] ?? 0)),
  );
  socket.once('close', () => resolve(0));
  socket.once('secureConnect', () =>
    socket.write(
      `GET / HTTP/1.1\r\nHost: till\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${webSocketKey}\r\n\r\n`,
    ),
  );
  const status = await promise;
  socket.destroy();
  return status;
}

/** The register dials somebody who shows this: what it says to him until one of the two hangs up. */
async function saidTo(who: Shown): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = createServer(meshTlsOptions(pemsOf(who)));
  server.on('tlsClientError', () => resolve(''));
  server.on('secureConnection', (socket: TLSSocket) => {
    let said = '';
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      said += data.toString();
      socket.destroy();
    });
    socket.on('close', () => resolve(said));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  network.strangers.push(typeof address === 'object' && address ? address.port : 0);
  network.register.replica.mesh.retarget();
  try {
    return await promise;
  } finally {
    network.strangers.pop();
    network.register.replica.mesh.retarget();
    server.close();
  }
}

describe.each(roles)('T1: whoever is not of this company, at a %s', (role) => {
  it('gets no link, whatever certificates it shows, expired ones of its own CA among them; the shop goes on', async () => {
    const before = network.node(role).offences.length;
    const peers = network.honestPeersOf(network.node(role));
    const statuses: [string, number][] = [];
    for (const who of outside) statuses.push([who.what, await upgrade(role, who)]);
    // 0 where Node itself finds key and certificates unfit.
    expect(statuses.filter(([, status]) => status !== 403 && status !== 0)).toEqual([]);
    expect(statuses.filter(([, status]) => status === 403).length).toBeGreaterThan(12);
    // No member is barred for what a stranger showed in its name.
    expect(network.node(role).offences).toHaveLength(before);
    expect(network.honestPeersOf(network.node(role))).toEqual(peers);
    await network.sell(role);
  });

  it('P2: a member gets one, though its certificates are over, not valid yet, or come with others', async () => {
    for (const who of odd) {
      expect([who.what, await upgrade(role, who)]).toEqual([who.what, 101]);
      const { notAfterMs } = verifyChain(who.chain.slice(0, 3), network.company.caDer);
      if (/over since/.test(who.what)) expect(notAfterMs).toBeLessThan(Date.now());
    }
  });
});

it('T1: a till that dials a stranger hangs up before it has said a word; a member it greets, whatever his dates', async () => {
  const said: [string, string][] = [];
  for (const who of outside) said.push([who.what, await saidTo(who)]);
  expect(said).toEqual(outside.map(({ what }) => [what, '']));
  for (const who of odd)
    expect([who.what, await saidTo(who)]).toEqual([
      who.what,
      expect.stringMatching(/^GET \/ HTTP/),
    ]);
  await network.sell();
});

/** Everything that a dialler says through this port, byte for byte. */
async function wiretap(to: number) {
  const said: Buffer[] = [];
  const server = createPlainServer((near) => {
    const far = connectPlain({ host: '127.0.0.1', port: to });
    near.on('data', (data) => said.push(data));
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => undefined);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    said: () => Buffer.concat(said),
    close: () => server.close(),
  };
}

describe('N8: who has listened', () => {
  it('and plays a whole session again, byte for byte, to the same till and to head office, before and after a restart, gets nowhere', async () => {
    const who = await network.company.incarnation(store, 'T90');
    const scribe = new Scribe(who);
    for (let n = 0; n < 3; n++) scribe.write();
    const tap = await wiretap(port('register'));
    const link = await Intruder.link(who, network.register.replica.me.principal, tap.port);
    link.introduce();
    await link.answered();
    link.write('push', scribe, scribe.written);
    await network.arrived({ journal: scribe.journal, seq: 3 });
    link.leave();
    tap.close();
    await until(
      'the guest has left',
      () => !network.register.replica.mesh.peers.includes(who.principal) || undefined,
    );
    const recorded = tap.said();
    expect(recorded.length).toBeGreaterThan(2_000);

    for (const restart of [false, true]) {
      if (restart) await network.restart('register');
      for (const role of roles) {
        const turnedAway = network.tlsEvents.length;
        const { promise, resolve } = Promise.withResolvers<void>();
        const socket = connectPlain({ host: '127.0.0.1', port: port(role) });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
        socket.write(recorded);
        await promise;
        await until(
          'it is turned away',
          () =>
            network.tlsEvents
              .slice(turnedAway)
              .some((event) => event.kind === 'turnedAway' && event.why === 'no TLS') || undefined,
        );
        expect(network.node(role).replica.mesh.peers).not.toContain(who.principal);
        expect(network.node(role).replica.journals.tip(scribe.journal).seq).toBe(3);
      }
    }
    await network.sell();
  });

  it('and has a till’s key and an old greeting raises an alarm and takes no link from the till', async () => {
    const { living } = network.honest.running;
    const thief = { ...living, chain: [...living.chain], keyPem: living.credentials.keyPem };
    const link = await Intruder.connect(
      thief,
      network.register.replica.me.principal,
      port('register'),
    );
    link.greet();
    const told = () => network.register.events.filter(({ kind }) => kind === 'doubleIdentity');
    await until('the alarm', () => (told().length > 0 ? true : undefined), 20_000, told);
    await network.settled();
    await network.sell();
    link.leave();
    await network.settled();
  });
});

describe('N5: one till 400 days ahead, another 400 days behind', () => {
  it('all sell, hold the same, and keep the order of each till and of what had seen what', async () => {
    const sold = [];
    for (let round = 0; round < 3; round++) {
      for (const seller of network.registers) {
        const done = seller.running.execute({
          kind: 'CompleteSale',
          command: `wrong-clock-${round}-${seller.replica.me.identity.terminal}`,
          by: 'ann',
          lines: [{ sku: 'CUP', quantityMilli: 1_000 }],
          tenders: [{ kind: 'cash', givenMinor: 2_000 }],
        });
        if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
        sold.push(done);
        await network.arrived(done);
      }
    }
    await network.agreed();
    const { models } = network.register.running;
    for (const { number } of sold)
      expect(models.documents(0, 1_000).filter((row) => row.number === number)).toHaveLength(1);

    for (const node of network.registers) {
      const { reader } = node.replica.journals;
      for (const seller of network.registers) {
        const own = seller.replica.own.key;
        const entries = [...reader.entriesFrom(own, 1)].flat().map(({ entry }) => entry);
        const clocks = entries.map(({ at }) => at);
        expect(clocks).toEqual(clocks.toSorted());
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
        // Causality is recorded and asks no clock: each saw what the others had sold before it.
        const last = entries.findLast(({ type }) => type === 'SaleCompleted');
        expect(Object.keys(last?.saw ?? {})).not.toEqual([]);
      }
    }
  });

  it('nobody’s clock is dragged along, and each till says whose is off', async () => {
    for (const [terminal, node] of [
      ['T1', network.register],
      ['T3', third],
    ] as const) {
      const aheadMs =
        parseHlc(node.replica.hybridClock.current()).ms - network.clockOf(terminal).wallMs();
      expect([terminal, aheadMs <= limits.clockAheadMs]).toEqual([terminal, true]);
    }
    const seen = () =>
      [...network.register.replica.journals.reader.entriesFrom(network.register.replica.own.key, 1)]
        .flat()
        .filter(({ entry }) => entry.type === 'ClockOffsetSeen')
        .map(({ entry: { body } }) => [body['peer'], Math.round(Number(body['offsetMs']) / dayMs)]);
    const wanted: [Principal, number][] = [
      [network.honest.replica.me.principal, 400],
      [third.replica.me.principal, -400],
    ];
    await until('both observations', () => (seen().length >= 2 ? true : undefined), 20_000, seen);
    for (const each of wanted) expect(seen()).toContainEqual(each);
  });

  it('the business day of a till is its own and changes for nobody, and is not the calendar’s', async () => {
    const days = network.registers.map(({ running }) => running.businessDay);
    const year = (day: string | undefined) => Number(day?.slice(0, 4));
    const [here, ahead, behind] = days;
    expect([ahead, behind].map((day) => Math.abs(year(day) - year(here)) >= 1)).toEqual([
      true,
      true,
    ]);
    await network.sell();
    await network.sell('relay');
    expect(network.registers.map(({ running }) => running.businessDay)).toEqual(days);
  });

  it('P6: what was counted and sold is in the order of what had seen what, not of the clocks', async () => {
    const [here, ahead, behind] = network.registers;
    if (!here || !ahead || !behind) throw new Error('three tills');
    let done = 0;
    const count = (at: Node<Register>, quantityMilli: number) =>
      act(at, { kind: 'CountStock', lines: [{ sku: 'NAIL', quantityMilli }] });
    const sell = (at: Node<Register>) =>
      act(at, {
        kind: 'CompleteSale',
        lines: [{ sku: 'NAIL', quantityMilli: 1_000 }],
        tenders: [{ kind: 'cash', givenMinor: 1_000 }],
      });
    async function act(at: Node<Register>, fields: object): Promise<void> {
      const answer = at.running.execute({ ...fields, command: `in-order-${++done}`, by: 'ann' });
      if (answer.outcome !== 'done') throw new Error(JSON.stringify(answer));
      await network.arrived(answer);
    }
    const stocks = () =>
      network.registers.map(({ running }) => running.models.stock('NAIL' as Sku));
    const everywhere = (quantityMilli: number) =>
      until(
        `a stock of ${quantityMilli}`,
        () => stocks().every((one) => one === quantityMilli) || undefined,
        20_000,
        stocks,
      );

    await count(ahead, 10_000);
    await sell(here);
    await sell(behind);
    await everywhere(8_000);
    await count(here, 20_000);
    await sell(ahead);
    await everywhere(19_000);
    await count(behind, 5_000);
    await sell(here);
    await everywhere(4_000);
    expect(here.running.models.flagCounts()['concurrent-count'] ?? 0).toBe(0);
  });

  it('a cart is filled and paid at each, though its desk is of another year for the others; nobody is barred', async () => {
    for (const { running } of network.registers) {
      const cart = new TillCart({
        register: running,
        execute: (command, approvals) => running.execute(command, approvals),
        onProblem: (error) => {
          throw error;
        },
      });
      const change = {
        kind: 'add',
        line: 'line-1',
        sku: 'TEA' as Sku,
        quantityMilli: 2_000,
      } as const;
      const filled = await cart.changeCart('ann', change);
      if (filled.outcome !== 'done') throw new Error(JSON.stringify(filled));
      const { cart: id, totalMinor } = filled.cart;
      const paid = await cart.pay('ann', id, totalMinor, [{ kind: 'cash', givenMinor: 1_000 }]);
      expect(paid).toMatchObject({ outcome: 'done' });
    }
    await network.agreed();
    await network.settled();
    for (const node of [...network.registers, network.relay]) {
      expect(node.offences).toEqual([]);
      expect(node.faults).toEqual([]);
      expect(node.replica.mesh.barred).toEqual([]);
    }
  });

  it('goes on after a restart of the till whose clock is right', async () => {
    await network.restart('register');
    await network.agreed();
    const aheadMs =
      parseHlc(network.register.replica.hybridClock.current()).ms - network.clockOf('T1').wallMs();
    expect(aheadMs).toBeLessThanOrEqual(limits.clockAheadMs);
  });
});
