/**
 * The wire: automerge-repo's WebSocket protocol, our own messages beside it, the closed set of ways to end a link.
 * Names and version of theirs come from their package; whatever is not listed here reaches nobody.
 */
import type {
  DocumentId,
  EphemeralMessage,
  Message,
  PeerId,
  PeerMetadata,
} from '@automerge/automerge-repo';
import type {
  ErrorMessage,
  JoinMessage,
  PeerMessage,
} from '@automerge/automerge-repo-network-websocket';
import { ProtocolV1 } from '@automerge/automerge-repo-network-websocket';
import { isValidDocumentId } from '@automerge/automerge-repo';
import { z } from 'zod';
import { storeField } from '../domain/fields.ts';
import { isEntryHash, isHlc, isJournalKey } from '../domain/ids.ts';
import type { EntryHash, Hlc, JournalKey, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { LinkEnd } from './transport.ts';

export { ProtocolV1 };

/** How a link ends. The reason is a fixed word: nothing that a peer said is ever sent back to it. */
export const closing = {
  /** Hostile, barred, or a greeting that was none. */
  refused: { code: 1008, reason: 'refused' },
  /** Both ends forget what they know of each other's documents and begin again. */
  anew: { code: 4000, reason: 'begin anew' },
  /** The pair has a link already. */
  second: { code: 4001, reason: 'second link' },
  /** Another process has this identity. */
  identity: { code: 4002, reason: 'identity in use' },
  version: { code: 4003, reason: 'version' },
  /** Head office has revoked the terminal at the other end. No offence: it is told why, and may come back under another key. */
  revoked: { code: 4004, reason: 'revoked' },
  leaving: { code: 1001, reason: 'leaving' },
} as const satisfies Record<string, { code: number; reason: string }>;

export type Closing = (typeof closing)[keyof typeof closing];

/** What the other end meant by closing with this code. */
export function endBy(code: number): LinkEnd {
  if (code === closing.refused.code) return 'refused';
  if (code === closing.identity.code) return 'identity';
  return code === closing.revoked.code ? 'revoked' : 'closed';
}

/** The peer id of automerge-repo is our principal, word for word. */
export const peerIdOf = (principal: Principal): PeerId => principal as string as PeerId;

const name = z.custom<PeerId>(
  (text) => typeof text === 'string' && text.length > 0 && text.length <= 100,
);
const short = z.string().min(1).max(64);
const count = z.int().nonnegative();
const documentId = z.custom<DocumentId>(
  (id) => typeof id === 'string' && id.length <= 40 && isValidDocumentId(id),
);
const bytes = z.custom<Uint8Array>((data) => data instanceof Uint8Array && data.length > 0);
const journalKey = z.custom<JournalKey>(isJournalKey);
const entryHash = z.custom<EntryHash>(isEntryHash);

const metadata = z
  .object({ storageId: short.optional(), isEphemeral: z.boolean().optional() })
  .optional();
/** Random per process: two processes with one identity are told apart by it. */
const instance = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);

const tipsOf = <Tip extends z.ZodType>(tip: Tip) =>
  z.custom<object>((tips) => isShort(tips, limits.tipsPerMessage)).pipe(z.record(journalKey, tip));

const isShort = (tips: unknown, most: number): boolean =>
  typeof tips === 'object' && tips !== null && Object.keys(tips).length <= most;

/** Raw changes, as they are on disk. */
const changes = z
  .array(bytes.refine((change) => change.length <= limits.changeBytes))
  .min(1)
  .max(limits.changesPerPush);

const seqAndHash = z.object({ seq: count, hash: entryHash });

/**
 * Every message type with its shape. Unknown fields are left out, not refused: tills of different versions
 * live together, and a newer one must not look hostile to an older one.
 */
export const shapes = {
  join: z.object({
    type: z.literal('join'),
    senderId: name,
    peerMetadata: metadata,
    supportedProtocolVersions: z.array(z.string().max(16)).max(16).optional(),
    instance: instance.optional(),
  }),
  peer: z.object({
    type: z.literal('peer'),
    senderId: name,
    targetId: name,
    peerMetadata: metadata,
    selectedProtocolVersion: z.string().max(16),
    instance: instance.optional(),
  }),
  error: z.object({ type: z.literal('error'), message: z.string().max(1_000) }),

  sync: z.object({
    type: z.literal('sync'),
    senderId: name,
    targetId: name,
    documentId,
    data: bytes,
  }),
  request: z.object({
    type: z.literal('request'),
    senderId: name,
    targetId: name,
    documentId,
    data: bytes,
  }),
  ephemeral: z.object({
    type: z.literal('ephemeral'),
    senderId: name,
    targetId: name,
    documentId,
    data: bytes,
    count,
    sessionId: short,
  }),
  'doc-unavailable': z.object({
    type: z.literal('doc-unavailable'),
    senderId: name,
    targetId: name,
    documentId,
  }),
  'remote-subscription-change': z.object({
    type: z.literal('remote-subscription-change'),
    senderId: name,
    targetId: name,
    add: z.array(short).max(256).optional(),
    remove: z.array(short).max(256).optional(),
  }),
  'remote-heads-changed': z.object({
    type: z.literal('remote-heads-changed'),
    senderId: name,
    targetId: name,
    documentId,
    newHeads: z.record(short, z.object({ heads: z.array(short).max(256), timestamp: z.number() })),
  }),

  /** Who I am by now and how far I am: on link-up, on change and at intervals. */
  'tillmesh/presence': z.object({
    type: z.literal('tillmesh/presence'),
    senderId: name,
    targetId: name,
    instance,
    version: z.string().min(1).max(32),
    /** The sender's wall clock, so that a clock that is off is seen. */
    clock: z.custom<Hlc>(isHlc),
    /** The HQ release in force; absent before the first. */
    release: count.optional(),
    tips: tipsOf(z.object({ segment: count, seq: count, hash: entryHash })),
    /** From relays only: what the archive has taken in. */
    archived: z.object({ archive: short, generation: count, tips: tipsOf(seqAndHash) }).optional(),
  }),
  /** What I hold, verified and flushed; replaces what I said of the same journals before. */
  'tillmesh/copies': z.object({
    type: z.literal('tillmesh/copies'),
    senderId: name,
    targetId: name,
    tips: tipsOf(seqAndHash),
  }),
  /** Raw changes as soon as they are on disk; sync stays as the net underneath. */
  'tillmesh/push': z.object({
    type: z.literal('tillmesh/push'),
    senderId: name,
    targetId: name,
    document: documentId,
    journal: journalKey,
    segment: count,
    changes,
  }),
  /**
   * The last word to a terminal that head office has revoked, before any greeting or instead of one: the changes that make
   * up its store's notices, so that it knows by head office's own signature and not by hearsay.
   */
  'tillmesh/notices': z.object({
    type: z.literal('tillmesh/notices'),
    senderId: name,
    targetId: name,
    store: storeField,
    changes,
  }),
  /** Asks for the entries of a journal after one that I hold; `-` and 0: from the first. Answered by pushes. */
  'tillmesh/want': z.object({
    type: z.literal('tillmesh/want'),
    senderId: name,
    targetId: name,
    journal: journalKey,
    seq: count,
    hash: z.union([z.literal('-'), entryHash]),
  }),
} as const;

export type MessageType = keyof typeof shapes;
type Shaped<Type extends MessageType> = z.output<(typeof shapes)[Type]>;

export type Presence = Shaped<'tillmesh/presence'>;
export type Copies = Shaped<'tillmesh/copies'>;
export type Push = Shaped<'tillmesh/push'>;
export type Want = Shaped<'tillmesh/want'>;
export type Notices = Shaped<'tillmesh/notices'>;
export type OwnMessage = Presence | Copies | Push | Want | Notices;
/** An own message as its sender writes it; the adapter adds sender and target. */
export type OwnContents = {
  [Type in OwnMessage['type']]: Omit<Extract<OwnMessage, { type: Type }>, 'senderId' | 'targetId'>;
}[OwnMessage['type']];

export type Tip = Presence['tips'][JournalKey];
export type CopyTip = Copies['tips'][JournalKey];

/** What their package writes, with our instance id beside it (their own ends ignore it). */
export type Join = JoinMessage & { instance: string };
export type Peer = PeerMessage & { instance: string };
export type WireMessage = Join | Peer | ErrorMessage | Message | EphemeralMessage | OwnMessage;

export type Greeting = Shaped<'join'> | Shaped<'peer'> | Shaped<'error'>;
export type RepoFrame = Shaped<
  | 'sync'
  | 'request'
  | 'ephemeral'
  | 'doc-unavailable'
  | 'remote-subscription-change'
  | 'remote-heads-changed'
>;

/** What a frame can be. `unknown` is a type of a newer version: never part of a sync exchange, so it may be passed over. */
export type Frame =
  | { readonly kind: 'greeting'; readonly message: Greeting }
  | { readonly kind: 'repo'; readonly message: RepoFrame }
  | { readonly kind: 'own'; readonly message: OwnMessage }
  | { readonly kind: 'unknown'; readonly type: string };

/** Only what the published adapter would hand on, and only in its shape. */
export function readMetadata(metadata: Shaped<'join'>['peerMetadata']): PeerMetadata {
  return {
    ...(metadata?.storageId === undefined
      ? {}
      : { storageId: metadata.storageId as NonNullable<PeerMetadata['storageId']> }),
    ...(metadata?.isEphemeral === undefined ? {} : { isEphemeral: metadata.isEphemeral }),
  };
}
