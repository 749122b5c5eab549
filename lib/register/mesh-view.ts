/** The mesh as this register sees it: who is there, how far away, what waits for whom, and what happened last. */
import { parsePrincipal } from '../domain/ids.ts';
import type { Peer, PeerList } from '../host/peer-list.ts';
import type { MeshServices, PeerView } from '../host/till-services.ts';
import { headOffice } from '../replica/keyring.ts';
import type { MeshLog } from './mesh-log.ts';
import type { Register } from './register.ts';
import type { WaitingDocuments } from './waiting.ts';

export function meshServices(
  register: Register,
  log: MeshLog,
  waiting: WaitingDocuments,
  peers: PeerList,
): MeshServices {
  return {
    meshView() {
      const { onlyHere, forHq, forArchive } = waiting.all();
      return {
        terminal: register.living.identity.terminal,
        peers: expectedPeers(register, peers).map((peer) => peerView(register, peer, waiting)),
        onlyHere,
        waitingForHq: forHq,
        waitingForArchive: forArchive,
        events: log.list(),
      };
    },
  };
}

/** Whom every screen shows, linked or not: the last life of every other terminal, and whoever is linked. */
export const expectedPeers = ({ replica, living }: Register, peers: PeerList): Peer[] =>
  peers.list(
    replica.keyring.members().map(({ principal }) => principal),
    replica.mesh.peers,
    living.principal,
  );

function peerView({ replica }: Register, peer: Peer, waiting: WaitingDocuments): PeerView {
  const { principal } = peer;
  const { store, terminal } = parsePrincipal(principal);
  const { mesh, voice } = replica;
  const version = voice.presence.of(principal)?.version;
  const latencyMs = mesh.roundTripMs(principal);
  const clockOffsetMs = voice.clockOffsetMs(principal);
  return {
    ...peer,
    terminal,
    isRelay: store === headOffice,
    cut: mesh.isCut(principal),
    ...(version !== undefined && { version }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    waiting: waiting.for(principal),
  };
}
