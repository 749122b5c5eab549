import { cbor } from '@automerge/automerge-repo';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import type { EntryHash, Hlc, JournalKey, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { decodeFrame, encodeFrame, printable } from './frames.ts';
import { peerIdOf } from './protocol.ts';
import type { OwnMessage } from './protocol.ts';

const [me, you] = ['S01-T1-00000000000000a1', 'S01-T2-00000000000000b2'] as Principal[];
const ends = { senderId: peerIdOf(you as Principal), targetId: peerIdOf(me as Principal) };
const hash = fc
  .string({ unit: fc.constantFrom(...'ABCxyz019-_'), minLength: 43, maxLength: 43 })
  .map((text) => text as EntryHash);
const journal = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map(([n, life]) => `S01/T${n}/${life.toString(16).padStart(16, '0')}` as JournalKey);
const seq = fc.nat();
const record = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(journal, value), { maxLength: 4 }).map((rows) => Object.fromEntries(rows));

describe('own messages', () => {
  it('come back as they were written', () => {
    const message: fc.Arbitrary<OwnMessage> = fc.oneof(
      fc.record({
        type: fc.constant('tillmesh/copies' as const),
        senderId: fc.constant(ends.senderId),
        targetId: fc.constant(ends.targetId),
        tips: record(fc.record({ seq, hash })),
      }),
      fc.record(
        {
          type: fc.constant('tillmesh/presence' as const),
          senderId: fc.constant(ends.senderId),
          targetId: fc.constant(ends.targetId),
          instance: fc.constant('process-1'),
          version: fc.constant('0.1.0'),
          clock: fc.constant('0123456789abcdef' as Hlc),
          release: seq,
          tips: record(fc.record({ segment: seq, seq, hash })),
          archived: fc.record({
            archive: fc.constant('main'),
            generation: seq,
            tips: record(fc.record({ seq, hash })),
          }),
        },
        {
          requiredKeys: ['type', 'senderId', 'targetId', 'instance', 'version', 'clock', 'tips'],
        },
      ),
    );
    fc.assert(
      fc.property(message, (written) => {
        expect(decodeFrame(encodeFrame(written))).toEqual({ kind: 'own', message: written });
      }),
    );
  });

  it('of a newer version lose what we do not know, and are not refused', () => {
    const frame = cbor.encode({ ...ends, type: 'tillmesh/copies', tips: {}, tomorrow: [1] });
    expect(decodeFrame(frame)).toEqual({
      kind: 'own',
      message: { ...ends, type: 'tillmesh/copies', tips: {} },
    });
  });
});

describe('decodeFrame', () => {
  it('X14: has no way to a prototype', () => {
    const frame = cbor.encode({ ...ends, type: '__proto__' });
    expect(decodeFrame(frame)).toEqual({ kind: 'unknown', type: '__proto__' });
    expect(decodeFrame(cbor.encode({ type: 'constructor' })).kind).toBe('unknown');
    expect(decodeFrame(cbor.encode({ type: 'toString' })).kind).toBe('unknown');
  });

  it('names type and field of what is wrong, never the contents', () => {
    const frame = cbor.encode({ ...ends, type: 'sync', documentId: 'secret-4711', data: 'x' });
    expect(() => decodeFrame(frame)).toThrow(/sync: documentId/);
    expect(() => decodeFrame(frame)).not.toThrow(/4711/);
  });

  it('refuses more than a frame may hold before looking at it', () => {
    expect(() => decodeFrame(new Uint8Array(limits.frameBytes + 1))).toThrow(
      expect.objectContaining({ code: 'OVER_LIMIT' }),
    );
  });

  it('throws nothing but errors of the catalogue, whatever the fields are', () => {
    const types = ['join', 'peer', 'error', 'sync', 'ephemeral', 'tillmesh/push', 'tillmesh/want'];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(fc.constantFrom('senderId', 'data', 'tips', 'documentId'), fc.anything()),
        (type, fields) => {
          let frame: Uint8Array;
          try {
            frame = cbor.encode({ ...fields, type });
          } catch {
            return; // Not everything that JavaScript has can be written.
          }
          try {
            decodeFrame(frame);
          } catch (error) {
            expect(isTillmeshError(error)).toBe(true);
          }
        },
      ),
    );
  });
});

it('foreign names in events are cut and plain', () => {
  expect(printable('\u001b[2Jx'.padEnd(60, 'y'))).toBe(`?[2Jx${'y'.repeat(35)}`);
});
