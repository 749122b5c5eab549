/** Meshes without repos on a network in memory and a virtual clock: what links do, by itself. */
import type { Message } from '@automerge/automerge-repo';
import type { Principal } from '#lib/domain/ids.ts';
import { barsInMemory } from '#lib/mesh/bars.ts';
import { MeshAdapter } from '#lib/mesh/mesh-adapter.ts';
import type { MeshEvent } from '#lib/mesh/mesh-events.ts';
import type { MeshOptions } from '#lib/mesh/mesh-options.ts';
import { peerIdOf } from '#lib/mesh/protocol.ts';
import type { OwnMessage } from '#lib/mesh/protocol.ts';
import { MemoryNetwork } from './memory-transport.ts';
import type { MemoryNetworkOptions } from './memory-transport.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

export const principal = (terminal: string, life = 1): Principal =>
  `S01-${terminal}-${life.toString(16).padStart(16, '0')}` as Principal;
export const [a, b, c] = [principal('T1'), principal('T2'), principal('T3')];
/** A valid document id. */
export const document = '4NMNnkMhL8jXrdJ9jamS58PAVdXu';

export type Till = {
  readonly mesh: MeshAdapter;
  readonly name: Principal;
  readonly events: MeshEvent[];
  readonly own: OwnMessage[];
  readonly received: Message[];
  kinds(kind: MeshEvent['kind']): MeshEvent[];
};

/** A shop of meshes without repos on a network in memory. */
export class Shop {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly #random: () => number;
  #processes = 0;

  constructor(options: Partial<MemoryNetworkOptions> = {}, seed = 1) {
    this.#random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.#random, ...options });
  }

  open(
    name: Principal,
    port: number,
    dials: readonly number[],
    options: Partial<MeshOptions> = {},
  ): Till {
    const events: MeshEvent[] = [];
    const own: OwnMessage[] = [];
    const received: Message[] = [];
    this.#processes += 1;
    const mesh = new MeshAdapter({
      transport: this.network.transport(name, 'lan', port),
      clock: this.clock,
      random: this.#random,
      instance: `process-${this.#processes}`,
      inspect: (message) => message,
      prepare: (message) => [message],
      onOwn: (message) => own.push(message),
      admit: () => true,
      targets: () => dials.map((to) => ({ host: 'lan', port: to })),
      bars: barsInMemory(),
      onEvent: (event) => events.push(event),
      ...options,
    });
    mesh.on('message', (message) => received.push(message));
    mesh.connect(peerIdOf(name), {});
    return {
      mesh,
      name,
      events,
      own,
      received,
      kinds: (kind) => events.filter((event) => event.kind === kind),
    };
  }

  /** Two tills, the second dials the first. */
  async pair(options: Partial<MeshOptions> = {}): Promise<[Till, Till]> {
    const first = this.open(a, 1, [], options);
    const second = this.open(b, 2, [1]);
    await this.clock.advance(100);
    return [first, second];
  }
}

export const sync = (from: Principal, to: Principal, fields: object = {}): Message => ({
  type: 'sync',
  senderId: peerIdOf(from),
  targetId: peerIdOf(to),
  documentId: document as NonNullable<Message['documentId']>,
  data: new Uint8Array([1]),
  ...fields,
});
