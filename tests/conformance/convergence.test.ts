/**
 * Real repos over links that break again and again while everybody writes: every pair dials both ways, nothing is
 * lost, nothing storms, nobody is barred.
 */
import { Repo } from '@automerge/automerge-repo';
import type { DocHandle } from '@automerge/automerge-repo';
import { describe, expect, it, vi } from 'vitest';
import type { Principal } from '#lib/domain/ids.ts';
import { barsInMemory } from '#lib/mesh/bars.ts';
import { MeshAdapter } from '#lib/mesh/mesh-adapter.ts';
import type { MeshEvent } from '#lib/mesh/mesh-events.ts';
import { plainOnly } from '#lib/mesh/plain-only.ts';
import { peerIdOf } from '#lib/mesh/protocol.ts';
import { MemoryNetwork } from '../simulation/memory-transport.ts';
import { realClock } from '../simulation/real-clock.ts';
import { seededRandom } from '../simulation/seeded-random.ts';

type Notes = { notes: string[] };
const names = [1, 2, 3, 4].map((n) => `S01-T${n}-000000000000000${n}` as Principal);

describe.each([1, 2, 3])('seed %i', (seed) => {
  it('R1: four tills writing through link cuts hold the same at the end', async () => {
    const random = seededRandom(seed);
    const network = new MemoryNetwork({
      clock: realClock,
      random,
      delayMs: [0, 5],
      duplication: 0.02,
    });
    const events: MeshEvent[] = [];
    const meshes = names.map(
      (name, n) =>
        new MeshAdapter({
          transport: network.transport(name, 'lan', n),
          clock: realClock,
          random,
          instance: `process-${n}`,
          inspect: (message) => message,
          prepare: plainOnly,
          onOwn: () => undefined,
          admit: () => true,
          targets: () =>
            names.map((_, port) => ({ host: 'lan', port })).filter(({ port }) => port !== n),
          bars: barsInMemory(),
          onEvent: (event) => events.push(event),
          timing: { retryMs: 5, maxRetryMs: 40, steadyMs: 50 },
        }),
    );
    const repos = names.map(
      (name, n) => new Repo({ peerId: peerIdOf(name), network: meshes.slice(n, n + 1) }),
    );
    const [first, ...others] = repos;
    if (first === undefined) throw new Error('no repo');
    const mine = first.create<Notes>({ notes: [] });
    await vi.waitFor(() => meshes.forEach(({ peers }) => expect(peers).toHaveLength(3)));
    const handles: DocHandle<Notes>[] = [
      mine,
      // Asked in the moment between a link and the first word about the document, a peer says that it has none.
      ...(await Promise.all(
        others.map((repo) => vi.waitFor(() => repo.find<Notes>(mine.url), { timeout: 20_000 })),
      )),
    ];

    for (let step = 0; step < 120; step += 1) {
      const [writer, a, b] = [0, 0, 0].map(() => Math.floor(random() * names.length));
      handles[writer ?? 0]?.change((doc) => {
        doc.notes.push(`${step}`);
      });
      const [from, to] = [names[a ?? 0], names[b ?? 0]];
      if (from !== undefined && to !== undefined && step % 3 === 0) network.sever(from, to);
      await new Promise((resolve) => setImmediate(resolve));
      if (step % 10 === 0) await vi.waitFor(() => expect(network.openLinks).toBeGreaterThan(3));
    }

    await vi.waitFor(
      () => {
        const lengths = handles.map((handle) => handle.doc().notes.length);
        expect(lengths).toEqual([120, 120, 120, 120]);
      },
      { timeout: 20_000 },
    );
    const heads = handles.map((handle) => handle.heads().join());
    expect(new Set(heads).size).toBe(1);
    const unwanted = ['hostile', 'storm', 'fault', 'doubleIdentity'];
    expect(events.filter(({ kind }) => unwanted.includes(kind))).toEqual([]);
    // Not vacuous: links broke, pairs dialled across each other, frames came twice.
    expect(network.counts.broken).toBeGreaterThan(20);
    expect(network.counts.duplicated).toBeGreaterThan(0);
    expect(events.some(({ kind }) => kind === 'double')).toBe(true);
    for (const mesh of meshes) mesh.disconnect();
  });
});
