import * as A from '@automerge/automerge';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genesisOf, type ListDocument } from '../documents/genesis.ts';
import { fits, readEntryChange, writeEntryChange, type ChangePlace } from './canonical-change.ts';

const genesis = genesisOf('journal/S01/T1/0123456789abcdef/1', 'list');
const start: ChangePlace = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
const actors = ['00', '11', '7f', 'ee', 'ff'].map((pair) => pair.repeat(16));

describe('canonical change', () => {
  it('J5: writes the very bytes that Automerge writes for the same insert', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...actors), fc.uint8Array({ maxLength: 300 })), {
          minLength: 1,
          maxLength: 90,
        }),
        (steps) => {
          let doc = A.load<ListDocument>(genesis.bytes);
          let previous = start;
          const used = new Set<string>();
          let actor = '';
          for (const [wanted, blob] of steps) {
            // An actor that was left never comes back: each stands for one life of one process.
            if (wanted !== actor && !used.has(wanted)) {
              actor = wanted;
              used.add(actor);
              doc = A.clone(doc, { actor });
            }
            doc = A.change(doc, { time: 0 }, (d) => {
              d.entries.push(blob);
            });
            const written = writeEntryChange(blob, actor, previous, start);
            expect(written.bytes).toEqual(A.getLastLocalChange(doc));
            expect(A.getHeads(doc)).toEqual([written.place.hash]);
            const read = readEntryChange(written.bytes, start);
            expect(read.blob).toEqual(blob);
            expect(read.place).toEqual(written.place);
            expect(fits(read, previous, start)).toBe(true);
            previous = written.place;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('J5: Automerge takes what was written here', () => {
    let doc = A.load<ListDocument>(genesis.bytes);
    let previous = start;
    for (let i = 0; i < 300; i++) {
      const { bytes, place } = writeEntryChange(
        Uint8Array.of(i & 255, i >> 8),
        actors[1] ?? '',
        previous,
        start,
      );
      doc = A.applyChanges(doc, [bytes])[0];
      previous = place;
    }
    expect(doc.entries.map((entry) => (entry[0] ?? 0) + 256 * (entry[1] ?? 0))).toEqual([
      ...Array(300).keys(),
    ]);
  });

  it('J5: no byte of a change can be altered, added or taken away', () => {
    const first = writeEntryChange(new Uint8Array(40).fill(7), actors[1] ?? '', start, start);
    const { bytes } = writeEntryChange(
      new Uint8Array(200).fill(9),
      actors[2] ?? '',
      first.place,
      start,
    );
    const refused = (altered: Uint8Array) => {
      try {
        const read = readEntryChange(altered, start);
        // The place and the blob are claims, checked elsewhere; everything else must be refused.
        return (
          !fits(read, first.place, start) ||
          read.blob.some((byte) => byte !== 9) ||
          read.place.actor !== actors[2]
        );
      } catch (error) {
        return error instanceof Error && 'code' in error;
      }
    };
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = bytes.slice();
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(refused(altered), `bit ${bit}`).toBe(true);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(refused(bytes.slice(0, length))).toBe(true);
    expect(refused(Uint8Array.from([...bytes, 0]))).toBe(true);
  });

  it('J5: refuses other changes that Automerge would take', () => {
    type Doc = ListDocument & { x?: number };
    const made = (options: { time: number; message?: string }, change: (doc: Doc) => void) => {
      const doc = A.load<Doc>(genesis.bytes, { actor: actors[1] ?? '' });
      return A.getLastLocalChange(A.change(doc, options, change)) ?? new Uint8Array();
    };
    const others: [string, Uint8Array][] = [
      ['two entries', made({ time: 0 }, (d) => d.entries.push(Uint8Array.of(1), Uint8Array.of(2)))],
      ['a time', made({ time: 1 }, (d) => d.entries.push(Uint8Array.of(1)))],
      ['a message', made({ time: 0, message: 'hi' }, (d) => d.entries.push(Uint8Array.of(1)))],
      ['another key', made({ time: 0 }, (d) => (d.x = 1))],
      ['the list replaced', made({ time: 0 }, (d) => (d.entries = []))],
      ['text', made({ time: 0 }, (d) => d.entries.push('text' as unknown as Uint8Array))],
      ['a whole document', A.save(A.load<Doc>(genesis.bytes))],
    ];
    for (const [what, bytes] of others) {
      expect(bytes.length, what).toBeGreaterThan(0);
      expect(() => readEntryChange(bytes, start), what).toThrow('one form');
    }
  });
});
