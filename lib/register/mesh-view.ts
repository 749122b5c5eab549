/** The mesh as this register sees it: who is there, how far away, what waits for whom and why, and what happened last. */
import type { ClockOff } from '../domain/clock-drift.ts';
import type { Clock } from '../domain/clock.ts';
import { parsePrincipal, terminalNameOf } from '../domain/ids.ts';
import type { DialView } from '../host/mesh-news.ts';
import { type Peer, type PeerList, terminalOf } from '../host/peer-list.ts';
import type { MeshServices, PeerView } from '../host/till-services.ts';
import type { DialState } from '../mesh/dialler.ts';
import { measuredClocks } from '../replica/alarms.ts';
import { barViews } from '../replica/bar-views.ts';
import { headOffice } from '../replica/keyring.ts';
import type { MeshLog } from './mesh-log.ts';
import type { Register } from './register.ts';
import type { WaitingDocuments } from './waiting.ts';

export type MeshViewParts = {
  readonly register: Register;
  readonly log: MeshLog;
  readonly waiting: WaitingDocuments;
  readonly peers: PeerList;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly version: string;
  /** Who cut which link by hand, by the name that it was cut under: a life, or a terminal with all of its lives. */
  readonly cuts: ReadonlyMap<string, CutBy>;
};

export type CutBy = NonNullable<PeerView['cutBy']>;

export function meshServices(parts: MeshViewParts): Pick<MeshServices, 'meshView'> {
  const { register, log, waiting, peers, clock, version } = parts;
  return {
    meshView() {
      const { onlyHere, forHq, forArchive } = waiting.all();
      const shown = expectedPeers(register, peers);
      const dials = register.replica.mesh.dials;
      const nowMs = Math.floor(clock.wallMs());
      const clocks = measuredClocks(register.replica);
      return {
        terminal: register.living.identity.terminal,
        version,
        peers: shown.map((peer) => ({
          ...peerView(parts, peer, dialsOf(peer, dials, nowMs)),
          ...clockStateOf(clocks.get(terminalNameOf(peer.principal))),
        })),
        barred: barViews(register.replica.mesh),
        addresses: strangers(register, shown, dials).map((dial) => dialView(dial, nowMs)),
        onlyHere,
        waitingForHq: forHq,
        waitingForArchive: forArchive,
        events: log.list(),
        releases: register.releases,
      };
    },
  };
}

const clockStateOf = (off: ClockOff | undefined): Pick<PeerView, 'clockState'> =>
  off ? { clockState: off.isClear ? 'wrong' : 'unclear' } : {};

/** Whom every screen shows, linked or not: the last life of every other terminal that was not revoked, and whoever is linked. */
export const expectedPeers = ({ replica, living }: Register, peers: PeerList): Peer[] =>
  peers.list(
    replica.revocations.standingMembers().map(({ principal }) => principal),
    replica.mesh.peers,
    living.principal,
  );

function peerView(
  { register: { replica }, waiting, cuts }: MeshViewParts,
  peer: Peer,
  dials: readonly DialView[],
): PeerView {
  const { principal } = peer;
  const { store, terminal } = parsePrincipal(principal);
  const { mesh, voice } = replica;
  const presence = voice.presence.of(principal);
  const version = presence?.version;
  const release = peer.linked ? presence?.release : undefined;
  const latencyMs = mesh.roundTripMs(principal);
  const clockOffsetMs = voice.clockOffsetMs(principal);
  const isCut = mesh.isCut(principal);
  const cutBy = isCut ? (cuts.get(principal) ?? cuts.get(terminalOf(principal))) : undefined;
  const refused = peer.linked ? undefined : mesh.refusal(principal);
  return {
    ...peer,
    terminal,
    isRelay: store === headOffice,
    cut: isCut,
    ...(cutBy && { cutBy }),
    ...(refused !== undefined && { refused }),
    dials,
    ...(version !== undefined && { version }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    waiting: waiting.for(principal),
    ...(release !== undefined && { release }),
  };
}

/** Of any life: a till that began anew is still at its address. Nobody dials whom he reaches. */
function dialsOf(peer: Peer, dials: readonly DialState[], nowMs: number): readonly DialView[] {
  if (peer.linked) return [];
  const terminal = terminalOf(peer.principal);
  return dials
    .filter((dial) => dial.peer !== undefined && terminalOf(dial.peer) === terminal)
    .map((dial) => dialView(dial, nowMs));
}

/** Addresses of whom nobody knows whose they are, and that do not answer. */
function strangers(
  { living, replica }: Register,
  shown: readonly Peer[],
  dials: readonly DialState[],
): readonly DialState[] {
  // Those whom head office has revoked are nobody whom somebody waits for.
  const members = replica.keyring.members();
  const known = new Set(
    [living, ...shown, ...members].map(({ principal }) => terminalOf(principal)),
  );
  return dials.filter(
    ({ peer, failures }) => failures > 0 && (peer === undefined || !known.has(terminalOf(peer))),
  );
}

const dialView = (
  { host, port, failures, cause, nextInMs }: DialState,
  nowMs: number,
): DialView => ({
  host,
  port,
  attempts: failures,
  ...(cause !== undefined && { cause }),
  ...(nextInMs !== undefined && { nextTryAtMs: nowMs + Math.ceil(nextInMs) }),
});
