import { deflateRawSync } from 'node:zlib';
import * as A from '@automerge/automerge';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeHash, chunkTypes, pureTools, scan, split } from './chunks.ts';
import { inflatedBytesMost, nodeTools, scanVerified } from './node-chunks.ts';
import { joined, sampleSegment } from './sample-changes.ts';

const sample = sampleSegment(8);

/** A change as type 2: same checksum, deflated contents. */
function compressed(change: Uint8Array): Uint8Array {
  const [chunk] = scan(change).chunks;
  if (chunk === undefined) throw new Error('not a chunk');
  return framed(change.subarray(4, 8), 2, deflateRawSync(change.subarray(chunk.contentsStart)));
}

function framed(checksum: Uint8Array, type: number, contents: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = contents.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const magic = new Uint8Array([0x85, 0x6f, 0x4a, 0x83]);
  return joined([magic, checksum, new Uint8Array([type, ...length]), contents]);
}

describe('scan', () => {
  it('finds every chunk of a segment', () => {
    for (const tools of [pureTools, nodeTools]) {
      const { chunks, goodBytes, problem } = scan(sample.whole, tools);
      expect(problem).toBeUndefined();
      expect(goodBytes).toBe(sample.whole.length);
      expect(chunks.map((chunk) => sample.whole.slice(chunk.start, chunk.end))).toEqual([
        sample.genesis,
        ...sample.changes,
      ]);
      expect(chunks.every((chunk) => chunk.verified && chunk.type === chunkTypes.change)).toBe(
        true,
      );
    }
  });

  it('verifies documents, bundles and compressed changes', () => {
    const doc = A.applyChanges(A.init(), [sample.genesis, ...sample.changes])[0];
    const hashes = sample.changes.map((change) => A.decodeChange(change).hash);
    const long = sampleSegment(1, 2_000).changes[0] ?? new Uint8Array();
    for (const [type, bytes] of [
      [chunkTypes.document, A.save(doc)],
      [chunkTypes.bundle, A.saveBundle(doc, hashes)],
      [chunkTypes.compressedChange, compressed(long)],
    ] as const) {
      const { chunks, problem } = scanVerified(bytes);
      expect(problem).toBeUndefined();
      expect(chunks).toMatchObject([{ type, verified: true }]);
      const changed = bytes.slice();
      const last = changed.length - 1;
      changed[last] = (changed[last] ?? 0) ^ 1;
      expect(scanVerified(changed).goodBytes).toBe(0);
    }
  });

  it('a compressed change is genuine: Automerge takes it under the same hash', () => {
    const [genesis, change] = [sample.genesis, sample.changes[0] ?? new Uint8Array()];
    const [doc] = A.applyChanges(A.init(), [genesis, compressed(change)]);
    expect(A.getHeads(doc)).toEqual([changeHash(change)]);
    expect(changeHash(compressed(change), nodeTools)).toBe(changeHash(change));
  });

  it('without an inflater a compressed change is framed and marked as not verified', () => {
    const bytes = compressed(sample.changes[0] ?? new Uint8Array());
    expect(scan(bytes).chunks).toMatchObject([{ type: 2, verified: false }]);
    expect(changeHash(bytes)).toBeUndefined();
  });

  it('a compression bomb is refused, not expanded', () => {
    const bomb = deflateRawSync(new Uint8Array(inflatedBytesMost + 1));
    expect(bomb.length).toBeLessThan(100_000);
    expect(scanVerified(framed(new Uint8Array(4), 2, bomb))).toMatchObject({ goodBytes: 0 });
  });

  it('S4: cut at any byte gives every whole chunk before it, and the rest is torn', () => {
    const ends = scan(sample.whole).chunks.map((chunk) => chunk.end);
    for (let cut = 0; cut <= sample.whole.length; cut++) {
      const { goodBytes, problem } = scanVerified(sample.whole.subarray(0, cut));
      const expected = Math.max(0, ...ends.filter((end) => end <= cut));
      expect(goodBytes).toBe(expected);
      expect(problem).toBe(expected === cut ? undefined : 'torn');
    }
  });

  it('S5: a flipped bit is found, and is damage unless it is in the last chunk', () => {
    const { chunks } = scan(sample.whole);
    const last = chunks.at(-1)?.start ?? 0;
    for (let bit = 0; bit < 8 * sample.whole.length; bit++) {
      const bytes = sample.whole.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { goodBytes, problem } = scanVerified(bytes);
      expect(goodBytes).toBe(chunks.findLast((chunk) => chunk.start <= bit >> 3)?.start);
      expect(problem).toBe(bit >> 3 < last ? 'damaged' : 'torn');
    }
  });

  it('never throws and never reads past the end, whatever the bytes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom(...sample.changes, new Uint8Array([0x85, 0x6f, 0x4a, 0x83])),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const bytes = joined(pieces);
        const { chunks, goodBytes, problem } = scanVerified(bytes);
        expect(goodBytes).toBe(chunks.at(-1)?.end ?? 0);
        expect(problem === undefined).toBe(goodBytes === bytes.length);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('false magics do not cost the square of the length', () => {
    // Each claims a chunk of 100 KB: verifying all of them would hash 2.5 GB.
    const claim = new Uint8Array([0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0xa0, 0x8d, 0x06]);
    const bytes = joined(Array.from({ length: 30_000 }, () => claim));
    let hashedBytes = 0;
    const counting = {
      sha256: (part: Uint8Array) => {
        hashedBytes += part.length;
        return nodeTools.sha256(part);
      },
    };
    expect(scan(bytes, counting).problem).toBe('damaged');
    expect(hashedBytes).toBeLessThan(6 * bytes.length);
  });
});

describe('split', () => {
  const all = [sample.genesis, ...sample.changes];

  it('S4: cuts what scan finds, wherever the bytes end', () => {
    for (let length = 0; length <= sample.whole.length; length++) {
      const bytes = sample.whole.subarray(0, length);
      expect(split(bytes, nodeTools)).toHaveLength(scan(bytes, nodeTools).chunks.length);
    }
    expect(split(sample.whole)).toEqual(all);
  });

  it('S3: an append of several changes whose sectors never came is left out, at its full length', () => {
    const bytes = sample.whole.slice();
    const [sixth, seventh] = sample.changes.slice(-2);
    const tail = (sixth?.length ?? 0) + (seventh?.length ?? 0);
    bytes.fill(0xee, bytes.length - tail + 20, bytes.length - (seventh?.length ?? 0));
    bytes.fill(0xee, bytes.length - 20);
    expect(split(bytes, nodeTools)).toEqual(all.slice(0, -2));
  });

  it('a damaged change in the middle is for its reader to find', () => {
    const bytes = sample.whole.slice();
    const at = sample.genesis.length + 30;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(split(bytes)).toHaveLength(all.length);
    expect(scan(bytes).chunks).toHaveLength(1);
  });
});

describe('changeHash', () => {
  it('is Automerge’s own name of the change', () => {
    for (const change of sample.changes) {
      expect(changeHash(change)).toBe(A.decodeChange(change).hash);
    }
  });

  it('is undefined for what is not exactly one sound change', () => {
    const change = sample.changes[0] ?? new Uint8Array();
    const damaged = change.slice();
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    const document = A.save(A.applyChanges(A.init(), [sample.genesis])[0]);
    for (const bytes of [damaged, document, sample.whole, change.subarray(1), new Uint8Array()]) {
      expect(changeHash(bytes)).toBeUndefined();
    }
  });
});
