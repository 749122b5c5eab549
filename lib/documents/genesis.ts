/**
 * The first change of a document, byte-identical on every replica and for ever: it is written here by hand
 * so that no version of a library can change it. Lists hold `entries`, maps hold `records`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { genesisActorOf } from './names.ts';

export type DocumentForm = 'list' | 'map';

/** A document that only grows: journals, rosters, releases, notices, status, inventory, desks. */
export type ListDocument = { entries: Uint8Array[] };
/** A document of encoded blobs by code: org, catalogue, customer terms. */
export type MapDocument = { records: Record<string, Uint8Array> };

/** `hash` is hex; `list` is the Automerge object id of `entries` or `records`. */
export type Genesis = {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly actor: string;
  readonly object: string;
};

const keys: Readonly<Record<DocumentForm, { key: string; action: number }>> = {
  list: { key: 'entries', action: 2 },
  map: { key: 'records', action: 0 },
};

export function genesisOf(name: string, form: DocumentForm): Genesis {
  const actor = genesisActorOf(name);
  const { key, action } = keys[form];
  const text = new TextEncoder().encode(key);
  const body = Uint8Array.from([
    ...[0, 16, ...fromHex(actor)],
    // seq 1, first operation 1, time 0, no message, no other actors, five columns
    ...[1, 1, 0, 0, 0, 5],
    ...[0x15, 2 + text.length, 0x34, 1, 0x42, 2, 0x56, 2, 0x70, 2],
    ...[0x7f, text.length, ...text],
    ...[1, 0x7f, action, 0x7f, 0, 0x7f, 0],
  ]);
  const tail = Uint8Array.from([1, body.length, ...body]);
  const hash = sha256(tail);
  return {
    bytes: Uint8Array.from([0x85, 0x6f, 0x4a, 0x83, ...hash.slice(0, 4), ...tail]),
    hash: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    actor,
    object: `1@${actor}`,
  };
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
