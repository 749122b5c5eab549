/**
 * The one Automerge change that may hold an entry: time 0, no message, one dependency, one insert of the entry's bytes
 * after the entry of that dependency. Written and read here byte by byte (Automerge's binary change format,
 * https://automerge.org/automerge-binary-format-spec/), so that entry and change determine each other, nothing
 * is expanded before it is checked, and nobody can wrap a genuine entry in a foreign change.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';

/** Where a change stands in its segment's tree: what its successor needs to know of it. */
export type ChangePlace = {
  /** SHA-256 of the change, hex: what `dep` of the next entry says. */
  readonly hash: string;
  /** 32 hex digits. */
  readonly actor: string;
  /** 1, 2, … per actor. */
  readonly actorSeq: number;
  /** Counter of its one operation; the genesis has 1, the first entry 2. */
  readonly op: number;
};

export type EntryChange = { readonly bytes: Uint8Array; readonly place: ChangePlace };

/** A change as read, before anybody knows whether its claims fit the dependency. */
export type ClaimedChange = EntryChange & {
  readonly dep: string;
  /** The actor of the entry before, as claimed; undefined for the first of a segment. */
  readonly after: string | undefined;
  readonly blob: Uint8Array;
};

const magic = Uint8Array.of(0x85, 0x6f, 0x4a, 0x83);
const changeType = 1;
/** Without the blob: header, dependency, three actors and columns stay below this. */
const overheadBytes = 512;

/** The change that appends `blob` after `previous`; `genesis` is the segment's first change. */
export function writeEntryChange(
  blob: Uint8Array,
  actor: string,
  previous: ChangePlace,
  genesis: ChangePlace,
): EntryChange {
  const actorSeq = previous.actor === actor ? previous.actorSeq + 1 : 1;
  const after = previous.hash === genesis.hash ? undefined : previous.actor;
  return assemble({
    blob,
    actor,
    actorSeq,
    op: previous.op + 1,
    dep: previous.hash,
    after,
    genesisActor: genesis.actor,
  });
}

/**
 * Reads a change that must be canonical for some place. Throws CHANGE_NOT_CANONICAL, OVER_LIMIT. Whether the place fits
 * the dependency is `fits`, as soon as that one is known.
 */
export function readEntryChange(bytes: Uint8Array, genesis: ChangePlace): ClaimedChange {
  if (bytes.length > limits.entryBytes + overheadBytes)
    throw new TillmeshError('OVER_LIMIT', `change of ${bytes.length} bytes`);
  const reader = new Reader(bytes);
  reader.expect(magic);
  reader.take(4);
  reader.expect(Uint8Array.of(changeType));
  reader.need(reader.number() === bytes.length - reader.at, 'length');
  reader.need(reader.number() === 1, 'one dependency');
  const dep = toHex(reader.take(32));
  const actor = toHex(reader.counted(16));
  const actorSeq = reader.number();
  const op = reader.number();
  reader.expect(Uint8Array.of(0, 0));
  const others: string[] = [];
  for (let left = reader.number(); left > 0; left--) {
    reader.need(others.length < 2, 'actors');
    others.push(toHex(reader.counted(16)));
  }
  const stranger = others.find((other) => other !== genesis.actor);
  const blob = bytes.subarray(blobStart(reader), bytes.length - predecessorBytes);
  const after = op === 2 ? undefined : (stranger ?? actor);
  const expected = assemble({ blob, actor, actorSeq, op, dep, after, genesisActor: genesis.actor });
  reader.need(equalBytes(expected.bytes, bytes), 'form');
  return { ...expected, dep, after, blob };
}

/** Whether a change names this one, by its hash, as what it follows. Only its head is read. Throws CHANGE_NOT_CANONICAL. */
export function namesAsDep(bytes: Uint8Array, hash: Uint8Array): boolean {
  const reader = new Reader(bytes);
  reader.take(magic.length + 4 + 1);
  reader.number();
  reader.need(reader.number() === 1, 'one dependency');
  return equalBytes(reader.take(32), hash);
}

/** Do the claims of a change fit the change that it depends on? */
export function fits(change: ClaimedChange, previous: ChangePlace, genesis: ChangePlace): boolean {
  const first = previous.hash === genesis.hash;
  return (
    change.dep === previous.hash &&
    change.place.op === previous.op + 1 &&
    change.after === (first ? undefined : previous.actor) &&
    change.place.actorSeq === (previous.actor === change.place.actor ? previous.actorSeq + 1 : 1)
  );
}

/** The last column (no predecessors) takes two bytes; the blob ends before it. */
const predecessorBytes = 2;

/** Skips to the blob by the column lengths; their meaning is checked by writing the change again. */
function blobStart(reader: Reader): number {
  let total = 0;
  let raw = 0;
  for (let left = reader.number(); left > 0; left--) {
    const spec = reader.number();
    const length = reader.number();
    if (spec === column.valueRaw) raw = length;
    total += length;
  }
  reader.need(
    reader.at + total === reader.bytes.length && total >= raw + predecessorBytes,
    'columns',
  );
  return reader.bytes.length - predecessorBytes - raw;
}

const column = {
  objectActor: 0x01,
  objectCounter: 0x02,
  keyActor: 0x11,
  keyCounter: 0x13,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  valueRaw: 0x57,
  predecessors: 0x70,
} as const;

type Parts = {
  readonly blob: Uint8Array;
  readonly actor: string;
  readonly actorSeq: number;
  readonly op: number;
  readonly dep: string;
  readonly after: string | undefined;
  readonly genesisActor: string;
};

function assemble(parts: Parts): EntryChange {
  const others = [
    ...new Set([parts.genesisActor, ...(parts.after === undefined ? [] : [parts.after])]),
  ]
    .filter((other) => other !== parts.actor)
    .sort();
  const indexOf = (actor: string) => (actor === parts.actor ? 0 : others.indexOf(actor) + 1);
  // A single row: run-length columns hold one literal (-1, value).
  const literal = (...value: number[]) => Uint8Array.of(0x7f, ...value);
  const columns: [number, Uint8Array][] = [
    [column.objectActor, literal(...unsigned(indexOf(parts.genesisActor)))],
    [column.objectCounter, literal(1)],
  ];
  if (parts.after === undefined) columns.push([column.keyCounter, literal(0)]);
  else {
    columns.push([column.keyActor, literal(...unsigned(indexOf(parts.after)))]);
    columns.push([column.keyCounter, literal(...signed(parts.op - 1))]);
  }
  columns.push([column.insert, Uint8Array.of(0, 1)]);
  columns.push([column.action, literal(1)]);
  // Value type 7 is bytes; the length stands above the four type bits.
  columns.push([column.valueMeta, literal(...unsigned(parts.blob.length * 16 + 7))]);
  if (parts.blob.length > 0) columns.push([column.valueRaw, parts.blob]);
  columns.push([column.predecessors, literal(0)]);
  const body = concatBytes([
    Uint8Array.of(1),
    fromHex(parts.dep),
    Uint8Array.of(16),
    fromHex(parts.actor),
    Uint8Array.from([...unsigned(parts.actorSeq), ...unsigned(parts.op), 0, 0, others.length]),
    ...others.flatMap((other) => [Uint8Array.of(16), fromHex(other)]),
    Uint8Array.from([
      columns.length,
      ...columns.flatMap(([spec, data]) => [spec, ...unsigned(data.length)]),
    ]),
    ...columns.map(([, data]) => data),
  ]);
  return frameChange(body, { actor: parts.actor, actorSeq: parts.actorSeq, op: parts.op });
}

/** Puts magic, checksum, type and length before a change's body. */
export function frameChange(body: Uint8Array, place: Omit<ChangePlace, 'hash'>): EntryChange {
  const tail = concatBytes([
    Uint8Array.of(changeType),
    Uint8Array.from(unsigned(body.length)),
    body,
  ]);
  const hash = sha256(tail);
  return {
    bytes: concatBytes([magic, hash.subarray(0, 4), tail]),
    place: { hash: toHex(hash), ...place },
  };
}

/** ULEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** SLEB128 of a value that is not negative. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 64) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

class Reader {
  readonly bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  need(condition: boolean, what: string): void {
    if (!condition) throw new TillmeshError('CHANGE_NOT_CANONICAL', what);
  }
  take(length: number): Uint8Array {
    this.need(this.at + length <= this.bytes.length, 'short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  expect(bytes: Uint8Array): void {
    this.need(equalBytes(this.take(bytes.length), bytes), 'constant');
  }
  number(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.take(1)[0] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new TillmeshError('CHANGE_NOT_CANONICAL', 'number');
  }
  counted(length: number): Uint8Array {
    this.need(this.number() === length, 'actor');
    return this.take(length);
  }
}
