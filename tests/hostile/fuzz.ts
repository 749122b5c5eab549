/** Mutated frames against one till, each on a link of its own. Returns what happened; the caller judges. */
import * as Automerge from '@automerge/automerge';
import type { MeshEvent } from '#lib/mesh/mesh-events.ts';
import { seededRandom } from '../simulation/seeded-random.ts';
import { settled } from '../simulation/virtual-clock.ts';
import { memoryInUse } from './memory.ts';
import { mutate } from './mutations.ts';
import { joinFrame, recordedFrames } from './recorded.ts';
import { AttackersWire, attackerName, Victim } from './victim.ts';

export type FuzzResult = {
  readonly frames: number;
  readonly closed: number;
  readonly survived: number;
  /** Links whose end was not told exactly once, or that stayed with a reason told: seed and mutation. */
  readonly unexplained: string[];
  readonly faults: MeshEvent[];
  readonly mutations: ReadonlyMap<string, number>;
  readonly headsUnchanged: boolean;
  readonly linksLeft: number;
  readonly grownBytes: number;
};

export async function fuzz({
  frames,
  seed,
}: {
  readonly frames: number;
  readonly seed: number;
}): Promise<FuzzResult> {
  const wire = new AttackersWire();
  const victim = new Victim(wire);
  await settled();
  const heads = victim.handle.heads();
  const recorded = recordedFrames(victim.handle.documentId, Automerge.save(victim.handle.doc()));
  const random = seededRandom(seed);
  const mutations = new Map<string, number>();
  const unexplained: string[] = [];
  const faults: MeshEvent[] = [];
  let closed = 0;
  let before = 0;
  for (let number = 0; number < frames; number += 1) {
    // The first tenth warms up what a process keeps anyway: compiled code, caches.
    if (number === Math.floor(frames / 10)) before = await memoryInUse();
    victim.events.length = 0;
    const end = wire.connect();
    if (random() < 0.8) end.send(joinFrame());
    const { name, bytes } = mutate(recorded, random);
    mutations.set(name, (mutations.get(name) ?? 0) + 1);
    end.send(bytes);
    await settled();
    const reasons = victim.reasons.length;
    if (end.closedWith !== undefined) closed += 1;
    if (reasons !== (end.closedWith === undefined ? 0 : 1))
      unexplained.push(`frame ${number} of seed ${seed}: ${name}, ${reasons} reasons`);
    faults.push(...victim.events.filter(({ kind }) => kind === 'fault'));
    end.hangUp();
    victim.mesh.pardon(attackerName);
    victim.own.length = 0;
  }
  const grownBytes = (await memoryInUse()) - before;
  const linksLeft = victim.mesh.peers.length;
  const headsUnchanged = victim.handle.heads().join() === heads.join();
  victim.mesh.disconnect();
  return {
    frames,
    closed,
    survived: frames - closed,
    unexplained,
    faults,
    mutations,
    headsUnchanged,
    linksLeft,
    grownBytes,
  };
}
