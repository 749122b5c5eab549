/**
 * A network in memory over an injected clock and seeded randomness: delay, loss that ends the link (never one that
 * goes unnoticed), partitions one way or both, repeated frames. Links are in order, as TCP's are.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { TillmeshError } from '#lib/domain/errors.ts';
import type { Principal } from '#lib/domain/ids.ts';
import { endBy } from '#lib/mesh/protocol.ts';
import type { DialTarget, LinkEnd, ProvenPeer, RawLink, Transport } from '#lib/mesh/transport.ts';

export type MemoryNetworkOptions = {
  readonly clock: Clock;
  /** 0 ≤ x < 1; seeded. */
  readonly random: () => number;
  readonly delayMs?: readonly [least: number, most: number];
  /** Chance for each frame to be lost, and the link with it. */
  readonly loss?: number;
  /** Chance for each frame to come twice. */
  readonly duplication?: number;
  /** A link over a cut path ends on both sides after this. */
  readonly deadAfterMs?: number;
};

/** Which transport a link belongs to: two processes may live under one principal. */
type Owner = { readonly address: string };
type Station = {
  readonly principal: Principal;
  readonly terminalKey: string;
  readonly owner: Owner;
  readonly accept: (link: RawLink) => void;
};

export class MemoryNetwork {
  readonly #o: Required<MemoryNetworkOptions>;
  readonly #stations = new Map<string, Station>();
  readonly #blocked = new Set<string>();
  readonly #links = new Set<MemoryLink>();
  /** What really happened: a run without faults proves nothing. */
  readonly counts = { dials: 0, frames: 0, lost: 0, duplicated: 0, broken: 0 };

  constructor(options: MemoryNetworkOptions) {
    this.#o = { delayMs: [1, 1], loss: 0, duplication: 0, deadAfterMs: 6_000, ...options };
  }

  /** A till's wire. `host` and `port` are what others dial; the key is that of its terminal, whichever life it lives. */
  transport(
    principal: Principal,
    host: string,
    port: number,
    terminalKey = `the key of ${principal.slice(0, principal.lastIndexOf('-'))}`,
  ): Transport {
    const address = `${host} ${port}`;
    const owner: Owner = { address };
    const station = (accept: (link: RawLink) => void): Station => ({
      principal,
      terminalKey,
      owner,
      accept,
    });
    return {
      start: (accept) => {
        if (this.#stations.has(address))
          return Promise.reject(new TillmeshError('PORT_IN_USE', address));
        this.#stations.set(address, station(accept));
        return Promise.resolve({ port });
      },
      dial: (target) => this.#dial({ principal, terminalKey }, owner, target),
      stop: () => {
        if (this.#stations.get(address)?.owner === owner) this.#stations.delete(address);
        for (const link of [...this.#links]) if (link.owner === owner) this.#sever(link, 'closed');
        return Promise.resolve();
      },
    };
  }

  /** Frames from one to the other no longer arrive; open links die after `deadAfterMs`. */
  block(from: Principal, to: Principal): void {
    this.#blocked.add(`${from} ${to}`);
    for (const link of this.#links)
      if (this.#isBlocked(link)) {
        const other = link.other;
        this.#o.clock.setTimer(() => this.#sever(link, 'dead', other), this.#o.deadAfterMs);
      }
  }

  unblock(from: Principal, to: Principal): void {
    this.#blocked.delete(`${from} ${to}`);
  }

  partition(a: Principal, b: Principal): void {
    this.block(a, b);
    this.block(b, a);
  }

  heal(a: Principal, b: Principal): void {
    this.unblock(a, b);
    this.unblock(b, a);
  }

  /** A cable is pulled and plugged in again: every link of the pair ends at once. */
  sever(a: Principal, b: Principal): void {
    for (const link of [...this.#links])
      if (link.me === a && link.peer === b) this.#sever(link, 'closed');
  }

  /** A process dies with its machine: no goodbye; the others notice when their links are dead. */
  powerOff(principal: Principal): void {
    for (const [address, station] of this.#stations)
      if (station.principal === principal) this.#stations.delete(address);
    for (const link of [...this.#links]) {
      if (link.me !== principal) continue;
      this.#links.delete(link);
      const { other } = link;
      if (other !== undefined)
        this.#o.clock.setTimer(() => this.#sever(other, 'dead'), this.#o.deadAfterMs);
    }
  }

  get openLinks(): number {
    return this.#links.size / 2;
  }

  #isBlocked(link: MemoryLink): boolean {
    return (
      this.#blocked.has(`${link.me} ${link.peer}`) || this.#blocked.has(`${link.peer} ${link.me}`)
    );
  }

  #delayMs(): number {
    const [least, most] = this.#o.delayMs;
    return least + this.#o.random() * (most - least);
  }

  #dial(me: ProvenPeer, owner: Owner, target: DialTarget): Promise<RawLink> {
    const { promise, resolve, reject } = Promise.withResolvers<RawLink>();
    const fail = (why: string): void => reject(new TillmeshError('LINK_FAILED', why));
    this.counts.dials += 1;
    this.#o.clock.setTimer(() => {
      const station = this.#stations.get(`${target.host} ${target.port}`);
      if (station === undefined) return fail('nobody listens');
      const { principal } = station;
      if (target.expect !== undefined && target.expect !== principal)
        return fail('somebody else listens');
      const near = new MemoryLink(me.principal, station, true, this, owner);
      const far = new MemoryLink(principal, me, false, this, station.owner);
      near.other = far;
      far.other = near;
      if (this.#isBlocked(near)) {
        this.#o.clock.setTimer(() => fail('no answer'), this.#o.deadAfterMs);
        return;
      }
      this.#links.add(near).add(far);
      station.accept(far);
      resolve(near);
    }, this.#delayMs());
    return promise;
  }

  /** @internal */
  carry(from: MemoryLink, frame: Uint8Array): void {
    const to = from.other;
    if (to === undefined || !this.#links.has(from)) return;
    this.counts.frames += 1;
    if (this.#o.random() < this.#o.loss) {
      this.counts.lost += 1;
      this.#sever(from, 'closed');
      return;
    }
    const copies = this.#o.random() < this.#o.duplication ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      from.bufferedBytes += frame.length;
      // A copy: what a receiver keeps must not change when the sender writes on.
      const bytes = new Uint8Array(frame);
      this.#inOrder(from, () => {
        from.bufferedBytes -= bytes.length;
        if (this.#links.has(to) && !this.#blocked.has(`${from.me} ${to.me}`)) to.deliver(bytes);
      });
    }
  }

  /** @internal */
  goodbye(link: MemoryLink, code: number): void {
    const { other } = link;
    // Whoever has lost power says no goodbye.
    if (!this.#links.delete(link) || other === undefined) return;
    this.#inOrder(link, () => {
      if (this.#links.delete(other)) other.ended(endBy(code));
    });
  }

  /** @internal There and back as a frame goes, so that only who is awake and reached answers. */
  probe(from: MemoryLink, answered: () => void): void {
    const { other } = from;
    if (other === undefined) return;
    const passes = (link: MemoryLink) => this.#links.has(link) && !this.#isBlocked(link);
    this.#inOrder(from, () => {
      if (!passes(other)) return;
      this.#inOrder(other, () => {
        if (passes(from)) answered();
      });
    });
  }

  #inOrder(from: MemoryLink, run: () => void): void {
    const nowMs = this.#o.clock.monotonicMs();
    from.lastMs = Math.max(from.lastMs, nowMs + this.#delayMs());
    from.underWay.push(run);
    // Whichever timer fires, the oldest goes first: real timers round, and would let frames overtake each other.
    this.#o.clock.setTimer(() => from.underWay.shift()?.(), from.lastMs - nowMs);
  }

  #sever(link: MemoryLink, end: LinkEnd, other = link.other): void {
    for (const side of [link, other])
      if (side !== undefined && this.#links.delete(side)) {
        this.counts.broken += 1;
        side.ended(end);
      }
  }
}

class MemoryLink implements RawLink {
  readonly me: Principal;
  readonly peer: Principal;
  readonly terminalKey: string;
  readonly dialled: boolean;
  readonly owner: Owner;
  readonly #network: MemoryNetwork;
  other: MemoryLink | undefined;
  bufferedBytes = 0;
  /** When the last frame arrives. */
  lastMs = 0;
  readonly underWay: (() => void)[] = [];
  #listener: Parameters<RawLink['listen']>[0] | undefined;
  #held: Uint8Array[] = [];
  #end: LinkEnd | undefined;

  constructor(
    me: Principal,
    peer: ProvenPeer,
    dialled: boolean,
    network: MemoryNetwork,
    owner: Owner,
  ) {
    this.me = me;
    this.owner = owner;
    this.peer = peer.principal;
    this.terminalKey = peer.terminalKey;
    this.dialled = dialled;
    this.#network = network;
  }

  send(frame: Uint8Array): void {
    if (this.#end === undefined) this.#network.carry(this, frame);
  }

  probe(answered: () => void): void {
    this.#network.probe(this, answered);
  }

  close(code: number, _reason: string): void {
    if (this.#end !== undefined) return;
    this.#end = 'closed';
    this.#network.goodbye(this, code);
    this.#listener?.closed('closed');
  }

  listen(listener: Parameters<RawLink['listen']>[0]): void {
    this.#listener = listener;
    for (const frame of this.#held.splice(0)) listener.frame(frame);
    if (this.#end !== undefined) listener.closed(this.#end);
  }

  deliver(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#listener === undefined) this.#held.push(frame);
    else this.#listener.frame(frame);
  }

  ended(end: LinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#listener?.closed(end);
  }
}
