/** The mesh as this register sees it: who is there, how far away, what waits for whom, and what happened last. */
import type { Principal } from '../domain/ids.ts';
import type { MeshServices, PeerView } from '../host/till-services.ts';
import { headOffice, type Member } from '../replica/keyring.ts';
import type { MeshLog } from './mesh-log.ts';
import type { Register } from './register.ts';
import type { WaitingDocuments } from './waiting.ts';

export function meshServices(
  register: Register,
  log: MeshLog,
  waiting: WaitingDocuments,
): MeshServices {
  return {
    meshView() {
      const { onlyHere, forHq, forArchive } = waiting.all();
      return {
        terminal: register.living.identity.terminal,
        peers: expectedPeers(register).map((member) => peerView(register, member, waiting)),
        onlyHere,
        waitingForHq: forHq,
        waitingForArchive: forArchive,
        events: log.list(),
      };
    },
  };
}

/** The last life of every other terminal, and whoever is linked: earlier lives are history, not peers that are missing. */
export function expectedPeers({ replica, living }: Register): Member[] {
  const linked = new Set<Principal>(replica.mesh.peers);
  const last = new Map<string, Principal>();
  for (const { identity, principal } of replica.keyring.members())
    last.set(`${identity.store}-${identity.terminal}`, principal);
  return replica.keyring
    .members()
    .filter(
      ({ identity, principal }) =>
        principal !== living.principal &&
        (linked.has(principal) || last.get(`${identity.store}-${identity.terminal}`) === principal),
    );
}

function peerView(
  { replica }: Register,
  { identity, principal }: Member,
  waiting: WaitingDocuments,
): PeerView {
  const { mesh, voice } = replica;
  const version = voice.presence.of(principal)?.version;
  const latencyMs = mesh.roundTripMs(principal);
  const clockOffsetMs = voice.clockOffsetMs(principal);
  return {
    principal,
    terminal: identity.terminal,
    isRelay: identity.store === headOffice,
    linked: mesh.peers.includes(principal),
    cut: mesh.isCut(principal),
    ...(version !== undefined && { version }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    waiting: waiting.for(principal),
  };
}
