/** The attacker's end of a real mTLS link: a certificate of the company, and a socket that says what it likes. */
import { connect, type TLSSocket } from 'node:tls';
import * as A from '@automerge/automerge';
import { cbor, type DocumentId } from '@automerge/automerge-repo';
import { WebSocket } from 'ws';
import { documentIdOf, names } from '#lib/documents/names.ts';
import type { JournalKey, Principal } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { meshTlsOptions } from '#lib/trust/tls-chain.ts';
import { rosterEntry, type Scribe, type Written } from './forgeries.ts';

/** Automerge's sync, or the changes as they are. */
export type Road = 'sync' | 'push';

export type Received = Readonly<Record<string, unknown>> & { readonly type: string };

export class Intruder {
  readonly me: NewIncarnation;
  readonly victim: Principal;
  readonly received: Received[] = [];
  closedWith: number | undefined;
  readonly #socket: WebSocket;
  readonly #secure: TLSSocket;

  private constructor(
    me: NewIncarnation,
    victim: Principal,
    { socket, secure }: { socket: WebSocket; secure: TLSSocket },
  ) {
    this.me = me;
    this.victim = victim;
    this.#socket = socket;
    this.#secure = secure;
    socket.on('message', (data: Buffer) => {
      this.received.push(cbor.decode<Received>(data));
      this.#look();
    });
    socket.on('close', (code) => {
      this.closedWith = code;
      this.#look();
    });
  }

  /** A link that has not greeted yet; where the victim hangs up on it at once `closedWith` says so. */
  static async connect(me: NewIncarnation, victim: Principal, port: number): Promise<Intruder> {
    const secure = connect({
      host: '127.0.0.1',
      port,
      ...meshTlsOptions(me.credentials),
      checkServerIdentity: () => undefined,
    });
    const socket = new WebSocket('ws://till/', {
      createConnection: () => secure,
      perMessageDeflate: false,
    });
    const intruder = new Intruder(me, victim, { socket, secure });
    await new Promise<void>((resolve) => {
      socket.once('open', resolve);
      socket.on('error', () => resolve());
    });
    return intruder;
  }

  /** Greeted as an honest peer does; throws where it gets no link. */
  static async link(me: NewIncarnation, victim: Principal, port: number): Promise<Intruder> {
    const intruder = await Intruder.connect(me, victim, port);
    intruder.greet();
    await intruder.#unlessClosed(() => intruder.received.some(({ type }) => type === 'peer'));
    return intruder;
  }

  /** As an honest peer does; a link that has not greeted in time is closed in any case. */
  greet(): void {
    if (this.closedWith === undefined) this.raw(joinFrame(this.me.principal));
  }

  raw(frame: Uint8Array | string): void {
    this.#socket.send(frame);
  }

  send(type: string, fields: Readonly<Record<string, unknown>>): void {
    this.raw(message(this.me.principal, this.victim, type, fields));
  }

  /** A sync message with these changes, whose heads are theirs. */
  sync(
    documentId: DocumentId,
    changes: readonly Uint8Array[],
    heads: readonly string[] = [],
  ): void {
    this.send('sync', { documentId, data: syncData(changes, heads) });
  }

  push(journal: JournalKey, segment: number, changes: readonly Uint8Array[]): void {
    const document = documentIdOf(names.journal(journal, segment));
    for (let at = 0; at < changes.length; at += limits.changesPerPush)
      this.send('tillmesh/push', {
        document,
        journal,
        segment,
        changes: changes.slice(at, at + limits.changesPerPush),
      });
  }

  /** Entries of a journal, whoever wrote them. */
  write(road: Road, scribe: Scribe, written: readonly Written[]): void {
    const changes = written.map(({ bytes }) => bytes);
    const head = written.at(-1)?.place.hash;
    if (road === 'sync') this.sync(scribe.id, changes, head === undefined ? [] : [head]);
    else this.push(scribe.journal, 1, changes);
  }

  /** Its own record in the roster, as every till writes it: from then on its journal may be written. */
  introduce(): void {
    const { rule, change } = rosterEntry(this.me);
    this.sync(rule.id, [change]);
  }

  async closed(): Promise<number> {
    await this.#when('the end of the link', () => this.closedWith !== undefined);
    return this.closedWith ?? 0;
  }

  /** What was sent before it has been dealt with: a question that is always answered has its answer. */
  async answered(): Promise<void> {
    const documentId = documentIdOf(`nothing/${this.received.length}`);
    this.send('request', { documentId, data: syncData([]) });
    await this.#unlessClosed(() => this.unavailable(documentId));
  }

  /** The same, where a link that was closed is an answer too. */
  async settled(): Promise<void> {
    const documentId = documentIdOf(`nothing/${this.received.length}`);
    this.send('request', { documentId, data: syncData([]) });
    await this.#when(
      'an answer',
      () => this.closedWith !== undefined || this.unavailable(documentId),
    );
  }

  readonly #watchers = new Set<() => void>();

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #unlessClosed(condition: () => boolean): Promise<void> {
    await this.#when('an answer', () => condition() || this.closedWith !== undefined);
    if (!condition()) throw new Error(`closed with ${this.closedWith}`);
  }

  #when(what: string, condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const watcher = (): void => {
      if (!condition()) return;
      this.#watchers.delete(watcher);
      deadline.removeEventListener('abort', late);
      resolve();
    };
    const deadline = AbortSignal.timeout(30_000);
    const late = (): void =>
      reject(new Error(`waited in vain for ${what} of ${this.me.principal}`));
    deadline.addEventListener('abort', late);
    this.#watchers.add(watcher);
    watcher();
    return promise;
  }

  /** Was this document answered with "unavailable"? */
  unavailable(documentId: DocumentId): boolean {
    return this.received.some(
      (frame) => frame.type === 'doc-unavailable' && frame['documentId'] === documentId,
    );
  }

  count(type: string): number {
    return this.received.filter((frame) => frame.type === type).length;
  }

  leave(): void {
    this.#socket.terminate();
    this.#secure.destroy();
  }
}

export const message = (
  from: Principal,
  to: Principal,
  type: string,
  fields: Readonly<Record<string, unknown>>,
): Uint8Array => cbor.encode({ type, senderId: from, targetId: to, ...fields });

export const joinFrame = (sender: string, fields: Readonly<Record<string, unknown>> = {}) =>
  cbor.encode({
    type: 'join',
    senderId: sender,
    peerMetadata: {},
    supportedProtocolVersions: ['1'],
    instance: 'attacker-process',
    ...fields,
  });

export function syncData(
  changes: readonly Uint8Array[],
  heads: readonly string[] = [],
  need: readonly string[] = [],
): Uint8Array {
  return A.encodeSyncMessage({
    heads: [...heads],
    need: [...need],
    have: [{ lastSync: [], bloom: new Uint8Array(0) }],
    changes: [...changes],
  });
}
