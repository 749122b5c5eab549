/**
 * A till under attack: a real Repo with one document behind a MeshAdapter, and the attacker's end of raw links to it.
 * Its guard lets nobody else write, so whatever arrives, the document must stay as it is.
 */
import * as Automerge from '@automerge/automerge';
import { Repo } from '@automerge/automerge-repo';
import type { DocHandle, DocumentId, Message } from '@automerge/automerge-repo';
import { TillmeshError } from '#lib/domain/errors.ts';
import type { Principal } from '#lib/domain/ids.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { barsInMemory } from '#lib/mesh/bars.ts';
import { MeshAdapter } from '#lib/mesh/mesh-adapter.ts';
import type { MeshEvent } from '#lib/mesh/mesh-events.ts';
import type { MeshTiming } from '#lib/mesh/mesh-options.ts';
import { plainOnly } from '#lib/mesh/plain-only.ts';
import { peerIdOf } from '#lib/mesh/protocol.ts';
import type { OwnMessage, RepoFrame } from '#lib/mesh/protocol.ts';
import type { RawLink, Transport } from '#lib/mesh/transport.ts';

export const victimName = 'S01-T1-00000000000000a1' as Principal;
export const attackerName = 'S01-T2-00000000000000b2' as Principal;

type Notes = { notes: string[] };

export class Victim {
  readonly mesh: MeshAdapter;
  readonly repo: Repo;
  readonly handle: DocHandle<Notes>;
  readonly events: MeshEvent[] = [];
  readonly own: OwnMessage[] = [];

  constructor(transport: Transport, timing: Partial<MeshTiming> = {}) {
    this.mesh = new MeshAdapter({
      transport,
      clock: machineClock,
      random: () => 0.5,
      instance: 'victim-process',
      inspect: (message) => this.#inspect(message),
      prepare: plainOnly,
      onOwn: (message) => this.own.push(message),
      admit: () => true,
      targets: () => [],
      bars: barsInMemory(),
      onEvent: (event) => this.events.push(event),
      ephemeral: 'passed',
      timing,
    });
    const known = (_peer: unknown, id?: DocumentId): Promise<boolean> =>
      Promise.resolve(id === this.handle.documentId);
    this.repo = new Repo({
      peerId: peerIdOf(victimName),
      network: [this.mesh],
      shareConfig: { announce: known, access: known },
    });
    this.handle = this.repo.create<Notes>({ notes: ['mine'] });
  }

  /** Why links ended so far. */
  get reasons(): MeshEvent[] {
    return this.events.filter(({ kind }) =>
      ['hostile', 'refused', 'storm', 'fault', 'peerError'].includes(kind),
    );
  }

  #inspect(message: RepoFrame): Message | 'unavailable' {
    if (!('documentId' in message)) return message;
    if (message.documentId !== this.handle.documentId) return 'unavailable';
    if (message.type === 'sync' || message.type === 'request')
      for (const _change of changesOf(message.data))
        throw new TillmeshError('NOT_THE_WRITER', 'the test document');
    return message;
  }
}

function changesOf(data: Uint8Array): readonly Uint8Array[] {
  try {
    return Automerge.decodeSyncMessage(data).changes;
  } catch (error) {
    throw new TillmeshError('FRAME_MALFORMED', 'no sync message', { cause: error });
  }
}

/** A wire with the attacker at its other end: no sockets, no delay. */
export class AttackersWire implements Transport {
  #accept: (link: RawLink) => void = () => undefined;

  start(accept: (link: RawLink) => void): Promise<{ port: number }> {
    this.#accept = accept;
    return Promise.resolve({ port: 1 });
  }

  dial(): Promise<RawLink> {
    return Promise.reject(new TillmeshError('LINK_FAILED', 'nobody to dial'));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  connect(): AttackersEnd {
    const end = new AttackersEnd();
    this.#accept(end.victims);
    return end;
  }
}

export class AttackersEnd {
  closedWith: number | undefined;
  readonly received: Uint8Array[] = [];
  #listener: Parameters<RawLink['listen']>[0] | undefined;

  readonly victims: RawLink = {
    peer: attackerName,
    terminalKey: 'the attacker’s',
    dialled: false,
    bufferedBytes: 0,
    send: (frame) => {
      this.received.push(frame);
    },
    close: (code) => {
      this.closedWith ??= code;
    },
    listen: (listener) => {
      this.#listener = listener;
    },
  };

  send(frame: Uint8Array): void {
    if (this.closedWith === undefined) this.#listener?.frame(frame);
  }

  hangUp(): void {
    this.#listener?.closed('closed');
  }
}
