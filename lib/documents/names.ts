/**
 * Known names: any replica finds or creates any document with no directory and no meeting.
 * Names are versioned and frozen; a different shape is a different name.
 */
import {
  parseAutomergeUrl,
  stringifyAutomergeUrl,
  type BinaryDocumentId,
  type DocumentId,
} from '@automerge/automerge-repo/slim';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { JournalKey, Principal, StoreId } from '../domain/ids.ts';
import { catalogShards } from './catalog-shards.ts';

const root = 'tillmesh/1/';
export const names = {
  org: () => 'org',
  catalog: (shard: number) => `catalog/${shard}`,
  customerTerms: (shard: number) => `customer-terms/${shard}`,
  releases: () => 'releases',
  notices: (store: StoreId) => `notices/${store}`,
  roster: (store: StoreId) => `roster/${store}`,
  journal: (journal: JournalKey, segment: number) => `journal/${journal}/${segment}`,
  inventory: (journal: JournalKey) => `inventory/${journal}`,
  customers: (shard: number, generation: number) => `customers/${shard}/${generation}`,
  desk: (store: StoreId, day: string) => `desk/${store}/${day}`,
  status: (store: StoreId) => `status/${store}`,
} as const;

const digest = (text: string) => sha256(utf8ToBytes(root + text));
const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export function documentIdOf(name: string): DocumentId {
  const documentId = digest(name).slice(0, 16) as BinaryDocumentId;
  return parseAutomergeUrl(stringifyAutomergeUrl({ documentId })).documentId;
}

/** The first 8 bytes of every Automerge actor that this principal may use, as 16 hex digits. */
export const actorPrefixOf = (principal: Principal): string =>
  hex(digest(`actor/${principal}`).slice(0, 8));

/** An actor for one life of one process: the prefix and 8 random bytes, so that a lost write can never repeat (actor, seq). */
export const actorOf = (principal: Principal, random: Uint8Array): string =>
  actorPrefixOf(principal) + hex(random.slice(0, 8));

export const genesisActorOf = (name: string): string => hex(digest(`genesis/${name}`).slice(0, 16));

/** Which catalogue shard holds a product. */
export const shardOf = (code: string, shards = catalogShards): number =>
  (digest(`shard/${code}`)[0] ?? 0) % shards;
