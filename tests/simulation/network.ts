/**
 * The wires of a simulated shop, device to device: delay in order, loss that ends the link, cuts that a link notices
 * after a while. Knows devices, not identities: two devices may prove the same one.
 */
import { TillmeshError } from '#lib/domain/errors.ts';
import type { Principal } from '#lib/domain/ids.ts';
import type { DialTarget, LinkEnd, RawLink, Transport } from '#lib/mesh/transport.ts';
import type { SimProcess, World } from './clock.ts';

export type Wires = {
  delayMs: readonly [least: number, most: number];
  /** Chance for each frame to be lost, and the link with it. */
  loss: number;
  /** Chance for each frame to come twice. */
  duplication: number;
};

type End = { readonly device: string; readonly principal: Principal; readonly process: SimProcess };
type Station = End & { readonly accept: (link: RawLink) => void };

/** A link over a cut path ends on both sides after this: three ping intervals of the real transport. */
const deadAfterMs = 6_000;

export class Network {
  readonly wires: Wires = { delayMs: [1, 3], loss: 0, duplication: 0 };
  readonly counts = { links: 0, frames: 0, lost: 0, duplicated: 0, cuts: 0 };
  readonly #world: World;
  readonly #random: () => number;
  readonly #stations = new Map<string, Station>();
  readonly #cut = new Set<string>();
  readonly #links = new Set<SimLink>();

  constructor(world: World, random: () => number) {
    this.#world = world;
    this.#random = random;
  }

  /** The wire of one process; its address is the device's name. */
  transport(me: End): Transport {
    return {
      start: (accept) => {
        this.#stations.set(me.device, { ...me, accept });
        return Promise.resolve({ port: 1 });
      },
      dial: (target) => this.#dial(me, target),
      stop: () => {
        if (this.#stations.get(me.device)?.process === me.process) this.#stations.delete(me.device);
        for (const link of [...this.#links])
          if (link.me.process === me.process) this.#sever(link, 'closed');
        return Promise.resolve();
      },
    };
  }

  cut(a: string, b: string): void {
    this.counts.cuts++;
    this.#cut.add(pair(a, b));
    for (const link of this.#links)
      if (this.#isCut(link) && !link.broken) {
        // For good: a link that lost one frame must not carry the next, also where the path is soon back.
        link.broken = true;
        this.#world.later(() => this.#sever(link, 'dead'), deadAfterMs, 'nobody');
      }
  }

  heal(a: string, b: string): void {
    this.#cut.delete(pair(a, b));
  }

  healAll(): void {
    this.#cut.clear();
    Object.assign(this.wires, { delayMs: [1, 3], loss: 0, duplication: 0 });
  }

  /** A process is gone: `clean` where its system says so to the others, as after a kill; else they notice late. */
  died(process: SimProcess, clean: boolean): void {
    for (const [device, station] of this.#stations)
      if (station.process === process) this.#stations.delete(device);
    for (const link of this.#links)
      if (link.me.process === process)
        this.#world.later(
          () => this.#sever(link, clean ? 'closed' : 'dead'),
          clean ? 1 : deadAfterMs,
          'nobody',
        );
  }

  /** A process is stopped: its peers hear nothing, and give up its links. */
  stalled(process: SimProcess): void {
    this.#world.later(
      () => {
        if (process.frozenUntilMs <= this.#world.nowMs) return;
        for (const link of this.#links) if (link.me.process === process) this.#sever(link, 'dead');
      },
      deadAfterMs,
      'nobody',
    );
  }

  #isCut(link: SimLink): boolean {
    return this.#cut.has(pair(link.me.device, link.far.device));
  }

  #delayMs(): number {
    const [least, most] = this.wires.delayMs;
    // Mostly quick, sometimes very late: a mean of the range would be neither LAN nor outage.
    return least + this.#random() ** 4 * (most - least);
  }

  #dial(me: End, target: DialTarget): Promise<RawLink> {
    const { promise, resolve, reject } = Promise.withResolvers<RawLink>();
    const fail = (why: string) => reject(new TillmeshError('LINK_FAILED', why));
    this.#world.later(
      () => {
        if (this.#cut.has(pair(me.device, target.host)))
          return void this.#world.later(() => fail('no answer'), deadAfterMs, me.process);
        const station = this.#stations.get(target.host);
        if (!station?.process.alive) return fail('nobody listens');
        const near = new SimLink(me, station, true, this);
        const far = new SimLink(station, me, false, this);
        near.other = far;
        far.other = near;
        this.#links.add(near).add(far);
        this.counts.links++;
        this.#world.later(() => station.accept(far), 0, station.process);
        resolve(near);
      },
      this.#delayMs(),
      me.process,
    );
    return promise;
  }

  /** @internal */
  carry(from: SimLink, frame: Uint8Array): void {
    const to = from.other;
    if (!to || !this.#links.has(from) || !from.me.process.alive) return;
    this.counts.frames++;
    if (this.#random() < this.wires.loss) {
      this.counts.lost++;
      this.#world.later(() => this.#sever(from, 'closed'), 0, 'nobody');
      return;
    }
    const copies = this.#random() < this.wires.duplication ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const bytes = frame.slice();
      from.bufferedBytes += bytes.length;
      this.#inOrder(from, to.me.process, () => {
        from.bufferedBytes -= bytes.length;
        if (this.#links.has(to) && !to.broken) to.deliver(bytes);
      });
    }
  }

  /** @internal */
  goodbye(link: SimLink): void {
    this.#links.delete(link);
    const { other } = link;
    if (other)
      this.#inOrder(link, other.me.process, () => {
        if (!other.broken && this.#links.delete(other)) other.ended('closed');
      });
  }

  #inOrder(from: SimLink, process: SimProcess, run: () => void): void {
    const { nowMs } = this.#world;
    from.lastMs = Math.max(from.lastMs, nowMs + this.#delayMs());
    this.#world.at(run, from.lastMs, process);
  }

  #sever(link: SimLink, end: LinkEnd): void {
    for (const side of [link, link.other]) {
      if (!side || !this.#links.delete(side) || !side.me.process.alive) continue;
      this.#world.later(() => side.ended(end), 0, side.me.process);
    }
  }
}

const pair = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

class SimLink implements RawLink {
  readonly me: End;
  readonly far: End;
  readonly peer: Principal;
  readonly terminalKey: string;
  readonly dialled: boolean;
  readonly #network: Network;
  other: SimLink | undefined;
  broken = false;
  bufferedBytes = 0;
  /** When the last frame arrives. */
  lastMs = 0;
  #listener: Parameters<RawLink['listen']>[0] | undefined;
  #held: Uint8Array[] = [];
  #end: LinkEnd | undefined;

  constructor(me: End, far: End, dialled: boolean, network: Network) {
    this.me = me;
    this.far = far;
    this.peer = far.principal;
    this.terminalKey = `the key of ${far.device}`;
    this.dialled = dialled;
    this.#network = network;
  }

  send(frame: Uint8Array): void {
    if (this.#end === undefined) this.#network.carry(this, frame);
  }

  close(): void {
    if (this.#end !== undefined) return;
    this.#end = 'closed';
    this.#network.goodbye(this);
    this.#listener?.closed('closed');
  }

  listen(listener: Parameters<RawLink['listen']>[0]): void {
    this.#listener = listener;
    for (const frame of this.#held.splice(0)) listener.frame(frame);
    if (this.#end !== undefined) listener.closed(this.#end);
  }

  deliver(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#listener) this.#listener.frame(frame);
    else this.#held.push(frame);
  }

  ended(end: LinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#listener?.closed(end);
  }
}
