/**
 * automerge-repo's own network acceptance suite, unmodified, on the mesh over real TLS: a star, a full mesh in which
 * every pair dials both ways, and the published client.
 */
import { createServer } from 'node:net';
import type { PeerId, PeerMetadata } from '@automerge/automerge-repo';
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { machineClock } from '#lib/host/machine-clock.ts';
import { barsInMemory } from '#lib/mesh/bars.ts';
import { MeshAdapter } from '#lib/mesh/mesh-adapter.ts';
import { plainOnly } from '#lib/mesh/plain-only.ts';
import { TlsTransport } from '#lib/mesh/tls-transport.ts';
import { companyWith } from './company.ts';
import { openTunnel } from '../tunnel.ts';
import type { Tunnel } from '../tunnel.ts';

// Every peer id that the suite gives to a repo.
const company = await companyWith(['alice', 'bob', 'charlie', 'a', 'b', 'left', 'right']);

/** The suite tells an adapter its name at connect(); the certificate follows the name. */
class NamedMesh extends MeshAdapter {
  readonly #name: { value: string };

  constructor(name: { value: string }, options: ConstructorParameters<typeof MeshAdapter>[0]) {
    super(options);
    this.#name = name;
  }

  override connect(peerId: PeerId, metadata?: PeerMetadata): void {
    this.#name.value = peerId;
    super.connect(peerId, metadata);
  }
}

let made = 0;

function mesh(port: number, dials: readonly number[]): NamedMesh {
  const name = { value: '' };
  made += 1;
  return new NamedMesh(name, {
    transport: new TlsTransport({
      clock: machineClock,
      credentials: () => company.credentialsOf(name.value),
      verifyPeer: (ders) => company.verifyPeer(ders),
      host: '127.0.0.1',
      port,
    }),
    clock: machineClock,
    random: () => 0.5,
    instance: `process-${made}`,
    inspect: (message) => message,
    prepare: plainOnly,
    onOwn: () => undefined,
    admit: () => true,
    targets: () => dials.map((to) => ({ host: '127.0.0.1', port: to })),
    bars: barsInMemory(),
    onEvent: () => undefined,
    ephemeral: 'passed',
    timing: { retryMs: 20, maxRetryMs: 200 },
  });
}

/** The published client; its tunnel takes the certificate of the repo that it is given to. */
class TunnelledClient extends WebSocketClientAdapter {
  readonly #port: number;
  #tunnel: Tunnel | undefined;
  #closed = false;

  constructor(port: number) {
    super('ws://127.0.0.1:1', 50);
    this.#port = port;
  }

  override connect(peerId: PeerId, metadata?: PeerMetadata): void {
    if (this.#tunnel !== undefined) {
      super.connect(peerId, metadata);
      return;
    }
    void openTunnel(this.#port, company.credentialsOf(peerId)).then((tunnel) => {
      this.#tunnel = tunnel;
      // Read-only for others; this is the class itself.
      Object.assign(this, { url: tunnel.url });
      if (!this.#closed) super.connect(peerId, metadata);
    });
  }

  close(): void {
    this.#closed = true;
    try {
      this.disconnect();
    } catch {
      // The published client asserts that it was connected before; here it may not have been.
    }
    this.#tunnel?.close();
  }
}

const stop = (adapters: readonly NamedMesh[]) => () => {
  for (const adapter of adapters) adapter.disconnect();
};

runNetworkAdapterTests(async () => {
  const hub = await freePort();
  const adapters: [NamedMesh, NamedMesh, NamedMesh] = [
    mesh(hub, []),
    mesh(0, [hub]),
    mesh(0, [hub]),
  ];
  return { adapters, teardown: stop(adapters) };
}, 'star: one listens, two dial');

runNetworkAdapterTests(async () => {
  const [p, q, r] = [await freePort(), await freePort(), await freePort()];
  const adapters: [NamedMesh, NamedMesh, NamedMesh] = [
    mesh(p, [q, r]),
    mesh(q, [p, r]),
    mesh(r, [p, q]),
  ];
  return { adapters, teardown: stop(adapters) };
}, 'full mesh: every pair dials both ways');

runNetworkAdapterTests(async () => {
  const hub = await freePort();
  const till = mesh(hub, []);
  const clients = [new TunnelledClient(hub), new TunnelledClient(hub)] as const;
  return {
    adapters: [till, ...clients],
    teardown: () => {
      till.disconnect();
      for (const client of clients) client.close();
    },
  };
}, 'the published client through a tunnel');

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
