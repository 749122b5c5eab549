/** Frames that no honest peer writes, by name; and a few that are strange but do no harm. */
import { generateSyncMessage, init, initSyncState } from '@automerge/automerge';
import { cbor, parseAutomergeUrl, stringifyAutomergeUrl } from '@automerge/automerge-repo';
import type { BinaryDocumentId } from '@automerge/automerge-repo';
import { limits } from '#lib/domain/limits.ts';
import { joinFrame } from './recorded.ts';
import { attackerName, victimName } from './victim.ts';

export const one = new Uint8Array([1]);
export const message = (fields: Record<string, unknown>): Uint8Array =>
  cbor.encode({ senderId: attackerName, targetId: victimName, ...fields });
/** What a peer says that holds nothing and wants everything: a valid sync message. */
const [, greeting] = generateSyncMessage(init(), initSyncState());
const question: Uint8Array = greeting ?? new Uint8Array(0);
/** A join with one field more, whose value is given as CBOR. */
const joinWith = (value: Uint8Array): Uint8Array => {
  const known = joinFrame();
  // The encoder writes maps with a length of two bytes.
  if (known[0] !== 0xb9 || known[1] !== 0) throw new Error('the encoder writes other maps');
  const more = Buffer.concat([known, Uint8Array.of(0x61, 0x78), value]);
  more[2] = (known[2] ?? 0) + 1;
  return more;
};
const nested = (depth: number): Uint8Array =>
  new Uint8Array([...new Array<number>(depth).fill(0x81), 0x01]);

/** A valid id that the till does not know. */
export function strangeDocument(n: number): string {
  const binary = new Uint8Array(16) as BinaryDocumentId;
  new DataView(binary.buffer).setUint32(0, n);
  return parseAutomergeUrl(stringifyAutomergeUrl({ documentId: binary })).documentId;
}

const presence = {
  type: 'tillmesh/presence',
  instance: 'attacker-process',
  version: '0.1.0',
  clock: '0123456789abcdef',
};

export const beforeGreeting: readonly (readonly [string, () => Uint8Array | string])[] = [
  ['CBOR null', () => Uint8Array.from([0xf6])],
  ['an empty frame', () => new Uint8Array(0)],
  ['a text frame', () => '{"type":"join"}'],
  ['an array', () => cbor.encode([1])],
  ['a number for a type', () => cbor.encode({ type: 7 })],
  ['a join without a sender', () => cbor.encode({ type: 'join' })],
  ['a join with an object for a sender', () => joinFrame({ senderId: {} })],
  ['a join with a number for metadata', () => joinFrame({ peerMetadata: 4 })],
  ['a join with versions that are no list', () => joinFrame({ supportedProtocolVersions: '1' })],
  ["a join with another's name", () => joinFrame({ senderId: 'S01-T9-00000000000000c3' })],
  ["a join with the till's own name", () => joinFrame({ senderId: victimName })],
  ['a sync message', () => message({ type: 'sync', documentId: 'x', data: new Uint8Array(1) })],
  ['an own message', () => message({ ...presence, tips: {} })],
  ['an unknown type', () => message({ type: 'tillmesh/tomorrow' })],
  ['the answer to a join', () => message({ type: 'peer', selectedProtocolVersion: '1' })],
  ['5,000 nested arrays', () => nested(5_000)],
  ['200,000 nested arrays', () => nested(200_000)],
  ['an endless array', () => new Uint8Array(1_000).fill(0x9f)],
  ['a tag that compiles a record', () => Uint8Array.from([0xd8, 0x69, 0x82, 0x01, 0x80])],
  ['a claim of 4 billion values', () => Uint8Array.from([0x9a, 255, 255, 255, 255])],
  [
    'a join in an endless map',
    () => Buffer.concat([Uint8Array.of(0xbf), joinFrame().subarray(3), Uint8Array.of(0xff)]),
  ],
  [
    'a join with a record in an unknown field',
    () => joinWith(Uint8Array.of(0xd8, 0x69, 0x83, 0x01, 0x81, 0x61, 0x61, 0x01)),
  ],
  ['a join with a date in an unknown field', () => joinWith(Uint8Array.of(0xc1, 0x01))],
  ['a join with nine levels in an unknown field', () => joinWith(nested(9))],
  [
    'a join with 100,000 values in an unknown field',
    () => joinWith(cbor.encode(new Array<number>(100_000).fill(1))),
  ],
  ['two messages in one frame', () => Buffer.concat([joinFrame(), joinFrame()])],
];

/** `known` is the id of the till's own document. */
export const afterGreeting: readonly (readonly [string, (known: string) => Uint8Array | string])[] =
  [
    ['CBOR null', () => Uint8Array.from([0xf6])],
    ['an empty frame', () => new Uint8Array(0)],
    ['a text frame', () => 'hello'],
    [
      "another's name as sender",
      (known) => message({ type: 'sync', senderId: victimName, documentId: known, data: question }),
    ],
    [
      'another target',
      (known) =>
        message({
          type: 'sync',
          targetId: 'S01-T9-00000000000000c3',
          documentId: known,
          data: question,
        }),
    ],
    [
      'no target',
      (known) => message({ type: 'sync', targetId: undefined, documentId: known, data: question }),
    ],
    ['sync without data', (known) => message({ type: 'sync', documentId: known })],
    [
      'sync with empty data',
      (known) => message({ type: 'sync', documentId: known, data: new Uint8Array(0) }),
    ],
    [
      'sync with a list for data',
      (known) => message({ type: 'sync', documentId: known, data: [1, 2] }),
    ],
    [
      'sync with data that is no sync message',
      (known) => message({ type: 'sync', documentId: known, data: one }),
    ],
    ['sync without a document', () => message({ type: 'sync', data: one })],
    [
      'a path for a document',
      () => message({ type: 'request', documentId: '../../etc', data: one }),
    ],
    [
      '__proto__ for a document',
      () => message({ type: 'request', documentId: '__proto__', data: one }),
    ],
    [
      '4 KB for a document',
      () => message({ type: 'request', documentId: 'a'.repeat(4_096), data: one }),
    ],
    [
      'remote heads without heads',
      (known) => message({ type: 'remote-heads-changed', documentId: known }),
    ],
    [
      'an ephemeral message with a tag inside',
      (known) =>
        message({
          type: 'ephemeral',
          documentId: known,
          count: 1,
          sessionId: 's',
          data: Uint8Array.from([0xd8, 0x69, 0x82, 0x01, 0x80]),
        }),
    ],
    ['presence without tips', () => message(presence)],
    [
      'presence with __proto__ for a journal',
      () => message({ ...presence, tips: JSON.parse('{"__proto__":{"seq":1}}') as unknown }),
    ],
    [
      'presence with constructor for a journal',
      () => message({ ...presence, tips: { constructor: { seq: 1 } } }),
    ],
    [
      'presence with a negative seq',
      () =>
        message({
          ...presence,
          tips: { 'S01/T2/00000000000000b2': { segment: 1, seq: -1, hash: 'A'.repeat(43) } },
        }),
    ],
    [
      'copies with too many tips',
      () =>
        message({
          type: 'tillmesh/copies',
          tips: Object.fromEntries(
            Array.from({ length: limits.tipsPerMessage + 1 }, (_, n) => [
              `S01/T1/${n.toString(16).padStart(16, '0')}`,
              { seq: 1, hash: 'A'.repeat(43) },
            ]),
          ),
        }),
    ],
    [
      'a push without changes',
      (known) =>
        message({
          type: 'tillmesh/push',
          document: known,
          journal: 'S01/T2/00000000000000b2',
          segment: 1,
          changes: [],
        }),
    ],
    [
      'notices without changes',
      () => message({ type: 'tillmesh/notices', store: 'S01', changes: [] }),
    ],
    [
      'notices of a store that is none',
      () => message({ type: 'tillmesh/notices', store: '../S01', changes: [one] }),
    ],
    [
      'an own message under another name',
      () => message({ ...presence, senderId: 'S01-T9-00000000000000c3', tips: {} }),
    ],
    ["a join with another's name", () => joinFrame({ senderId: 'S01-T9-00000000000000c3' })],
    [
      '10,000 nested maps',
      () =>
        Buffer.concat([
          ...new Array<Uint8Array>(10_000).fill(Uint8Array.from([0xa1, 0x61, 0x61])),
          one,
        ]),
    ],
  ];

export const harmless: readonly (readonly [string, () => Uint8Array])[] = [
  ['an unknown type', () => message({ type: 'tomorrow', data: one })],
  ['an unknown own type', () => message({ type: 'tillmesh/tomorrow', data: one })],
  ['the same join again', () => joinFrame()],
  ['unknown fields', () => message({ ...presence, tips: {}, tomorrow: { a: 1 } })],
  [
    'doc-unavailable of an unknown document',
    () => message({ type: 'doc-unavailable', documentId: strangeDocument(0) }),
  ],
];
