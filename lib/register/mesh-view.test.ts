import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../tests/simulation/real-clock.ts';
import type { MeshView } from '../host/till-services.ts';
import { PeerList } from '../host/peer-list.ts';
import { statusLight } from '../host/status-light.ts';
import { peerIdOf, type OwnMessage } from '../mesh/protocol.ts';
import { TlsTransport } from '../mesh/tls-transport.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { MeshLog } from './mesh-log.ts';
import { expectedPeers, meshServices } from './mesh-view.ts';
import type { Register } from './register.ts';
import { openRegister, prepareDirectory, sampleHeadOffice, sell } from './sample-register.ts';
import { WaitingDocuments } from './waiting.ts';

let root: string;
let company: SampleCompany;
let office: SampleHeadOffice;
const opened: Register[] = [];

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-mesh-view-test-'));
  company = await SampleCompany.create('mesh-view');
  office = await sampleHeadOffice(company);
});
afterAll(async () => {
  for (const register of opened) await register.stop();
  fs.rmSync(root, { recursive: true, force: true });
});

type Seen = {
  readonly register: Register;
  readonly waiting: WaitingDocuments;
  readonly peers: PeerList;
  readonly view: () => MeshView;
};

/** A till with a real wire on loopback, and the mesh as it sees it. */
async function open(terminal: string, targets: readonly number[]): Promise<Seen> {
  const log = new MeshLog(realClock);
  const options = {
    directory: `${root}/${terminal}`,
    company,
    terminal: await company.terminal('S01', terminal),
    clock: realClock,
    onEvent: log.happened.bind(log),
    wire: {
      transport: (living, verifyPeer) =>
        new TlsTransport({
          clock: realClock,
          credentials: () => living.credentials,
          host: '127.0.0.1',
          port: 0,
          pingMs: 25,
          verifyPeer,
          onEvent: () => undefined,
        }),
      targets: () => targets.map((port) => ({ host: '127.0.0.1', port })),
    },
  } satisfies Parameters<typeof openRegister>[0];
  prepareDirectory(office, options);
  const register = await openRegister(options);
  opened.push(register);
  const waiting = new WaitingDocuments(register);
  const peers = new PeerList(realClock);
  const { meshView } = meshServices({
    register,
    log,
    waiting,
    peers,
    clock: realClock,
    version: '0.0.0-sample',
    cuts: new Map([['S01-T2', { name: 'Omar', wallMs: 7 }]]),
  });
  const view = (): MeshView => {
    peers.look(register.replica.mesh.peers);
    return meshView();
  };
  return { register, waiting, peers, view };
}

/** Head office is known from its documents, linked or not. */
const tillsOf = ({ view }: Seen) => view().peers.filter(({ isRelay }) => !isRelay);
const hq = { terminal: 'HQ1', isRelay: true, linked: false };

const tea = [{ sku: 'TEA', quantityMilli: 1_000 }];
const lightOf = ({ register, waiting, peers }: Seen) =>
  statusLight({
    role: 'register',
    peers: expectedPeers(register, peers),
    waiting: waiting.all(),
  }).word;

describe('the mesh as a till sees it', () => {
  it('P10: who is there and how far, what waits for whom, and what exists here only', async () => {
    const one = await open('T1', []);
    expect(one.view()).toMatchObject({ terminal: 'T1', peers: [hq], onlyHere: 0, waitingForHq: 0 });
    // The first entry of a life is no document: nothing is at risk.
    expect(lightOf(one)).toBe('aloneSafe');
    sell(one.register, 'alone-0001', tea);
    sell(one.register, 'alone-0002', tea);
    expect(one.view()).toMatchObject({ onlyHere: 2, waitingForHq: 2, waitingForArchive: 2 });
    expect(lightOf(one)).toBe('alone');

    const { port } = await one.register.replica.mesh.whenListening();
    const two = await open('T2', [port]);
    await vi.waitFor(() => {
      expect(tillsOf(one)).toMatchObject([{ linked: true, waiting: 0, version: '0.0.0-sample' }]);
      expect(tillsOf(one)[0]?.latencyMs).toBeGreaterThan(0);
      expect(Math.abs(tillsOf(one)[0]?.clockOffsetMs ?? 1e9)).toBeLessThan(5_000);
      expect(tillsOf(two)).toMatchObject([{ terminal: 'T1', linked: true, cut: false }]);
    }, 10_000);
    const [peer] = tillsOf(one);
    expect(peer).toMatchObject({ terminal: 'T2', isRelay: false, cut: false });
    expect(one.view()).toMatchObject({ onlyHere: 0, waitingForHq: 2, waitingForArchive: 2 });
    expect(lightOf(one)).toBe('lan');
    expect(one.view().events.map(({ kind }) => kind)).toContain('linked');

    // The switch is pulled: the next sale is nowhere else.
    one.register.replica.mesh.cut('S01-T2');
    sell(one.register, 'alone-0003', tea);
    await vi.waitFor(() => expect(tillsOf(one)[0]?.linked).toBe(false));
    expect(tillsOf(one)).toMatchObject([
      { linked: false, cut: true, cutBy: { name: 'Omar', wallMs: 7 }, waiting: 1 },
    ]);
    expect(tillsOf(one)[0]).not.toHaveProperty('latencyMs');
    expect(tillsOf(one)[0]?.goneAtMs).toBeGreaterThan(0);
    expect(one.view()).toMatchObject({ onlyHere: 1, waitingForHq: 3 });
    expect(lightOf(one)).toBe('alone');
    expect(one.view().events[0]).toMatchObject({ peer: peer?.principal });

    one.register.replica.mesh.heal('S01-T2');
    await vi.waitFor(() => expect(one.view()).toMatchObject({ onlyHere: 0 }), 10_000);
    expect(tillsOf(one)).toMatchObject([{ cut: false, waiting: 0 }]);
    expect(tillsOf(one)[0]).not.toHaveProperty('cutBy');
    expect(tillsOf(one)[0]).not.toHaveProperty('goneAtMs');
  });

  it('P10: HQ’s word and the archive’s are counted each for itself', async () => {
    const three = await open('T3', []);
    const { replica, living } = three.register;
    for (const n of [1, 2, 3, 4]) sell(three.register, `lonely-000${n}`, tea);
    const relay = await company.incarnation('HQ', 'HQ1');
    replica.keyring.learn(relay.chain, living.letter);
    const hear = (contents: object) =>
      replica.voice.heard(
        {
          ...contents,
          senderId: peerIdOf(relay.principal),
          targetId: peerIdOf(living.principal),
        } as unknown as OwnMessage,
        relay.principal,
      );
    const at = (seq: number) => ({
      [replica.own.key]: { seq, hash: replica.journals.reader.hashAt(replica.own.key, seq) },
    });
    replica.voice.linked(relay.principal);
    // Entry 1 begins the life; the documents are 2 to 5.
    hear({ type: 'tillmesh/copies', tips: at(4) });
    expect(three.view()).toMatchObject({
      peers: [{ terminal: 'HQ1', isRelay: true, linked: false, waiting: 1 }],
      onlyHere: 1,
      waitingForHq: 1,
      waitingForArchive: 4,
    });
    hear({
      type: 'tillmesh/presence',
      instance: 'instance-1',
      version: '9.9.9',
      clock: replica.hybridClock.current(),
      tips: {},
      archived: { archive: 'a', generation: 1, tips: at(3) },
    });
    expect(three.view()).toMatchObject({ waitingForHq: 1, waitingForArchive: 2 });
    expect(three.view().peers[0]?.version).toBe('9.9.9');
    sell(three.register, 'lonely-0005', tea);
    expect(three.view()).toMatchObject({ onlyHere: 2, waitingForHq: 2, waitingForArchive: 3 });
    replica.voice.unlinked(relay.principal);
  });
});
