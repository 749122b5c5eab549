import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genesisOf } from '../documents/genesis.ts';
import { actorOf, actorPrefixOf, names } from '../documents/names.ts';
import { isTillmeshError } from '../domain/errors.ts';
import {
  journalKeyOf,
  principalOf,
  type EntryHash,
  type Hlc,
  type Identity,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { writeEntryChange, type ChangePlace } from './canonical-change.ts';
import type { Signer, UnsignedEntry, Verifier } from './envelope.ts';
import { sealEntry } from './entry.ts';
import { SegmentIndex } from './segment-index.ts';

const who = { store: 'S01', terminal: 'T1', incarnation: '0123456789abcdef' } as Identity;
const journal = journalKeyOf(who);
const prefix = actorPrefixOf(principalOf(who));
const keys = generateKeyPairSync('ed25519');
const signer: Signer = (message) => sign(null, message, keys.privateKey);
const verifier: Verifier = (message, signature) => verify(null, message, keys.publicKey, signature);
const genesis = genesisOf(names.journal(journal, 1), 'list');
const start: ChangePlace = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
const actor = actorOf(principalOf(who), randomBytes(8));

function entry(
  seq: number,
  prev: string,
  dep: ChangePlace,
  more: Partial<UnsignedEntry> = {},
  sign = signer,
) {
  const sealed = sealEntry(
    {
      v: 1,
      ...who,
      seq,
      prev: prev as EntryHash,
      saw: {},
      at: '0000000000000001' as Hlc,
      wall: 0,
      zone: 'UTC',
      command: `c${seq}`,
      type: 'SaleCompleted',
      by: 'ann',
      body: { n: seq },
      actor,
      dep: dep.hash,
      ...more,
    },
    sign,
  );
  const change = writeEntryChange(sealed.bytes, sealed.entry.actor, dep, start);
  return { sealed, ...change };
}

function chain(length: number) {
  const made: ReturnType<typeof entry>[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const last = made.at(-1);
    made.push(entry(seq, last?.sealed.hash ?? '-', last?.place ?? start));
  }
  return made;
}

function take(index: SegmentIndex, changes: Uint8Array[], from = 'peer') {
  const checked = index.check(changes, prefix, verifier, from);
  for (const change of checked.accepted) index.add(change);
  return checked.accepted.map((change) => change.read.entry.seq);
}

/** A place that nobody has. */
const nowhere = (n: number): ChangePlace => ({
  hash: n.toString(16).padStart(64, 'f'),
  actor,
  actorSeq: 40,
  op: 41 + n,
});

const code = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('segment index', () => {
  const ten = chain(10);

  it('P4: takes a chain in any order, in any batches, doubled, and ends with the same tip', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9), { maxLength: 6 }), { maxLength: 12 }), (batches) => {
        const index = new SegmentIndex(journal, genesis);
        const seen: number[] = [];
        const all = [...batches, [...ten.keys()]];
        for (const batch of all)
          seen.push(
            ...take(
              index,
              batch.flatMap((i) => (ten[i] ? [ten[i].bytes] : [])),
            ),
          );
        expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        expect(index.tip()).toMatchObject({ seq: 10, hash: ten[9]?.sealed.hash });
        expect(index.forked).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('J6: a genuine entry in another change is refused, also when what it follows comes later', () => {
    const [first, second] = ten;
    if (!first || !second) throw new Error('chain');
    const wrapped = writeEntryChange(second.sealed.bytes, actor, { ...first.place, op: 40 }, start);
    const known = new SegmentIndex(journal, genesis);
    take(known, [first.bytes]);
    expect(code(() => take(known, [wrapped.bytes]))).toBe('CHANGE_NOT_CANONICAL');
    const early = new SegmentIndex(journal, genesis);
    expect(take(early, [wrapped.bytes], 'liar')).toEqual([]);
    let culprit: unknown;
    try {
      take(early, [first.bytes], 'honest');
    } catch (error) {
      culprit = (error as { culprit?: string }).culprit;
    }
    expect(culprit).toBe('liar');
  });

  it('J7: refuses foreign signatures, foreign journals and foreign actors', () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const index = () => new SegmentIndex(journal, genesis);
    const forged = entry(1, '-', start, {}, (message) => sign(null, message, stranger));
    expect(code(() => take(index(), [forged.bytes]))).toBe('ENTRY_FORGED');
    const elsewhere = entry(1, '-', start, {
      incarnation: 'ffffffffffffffff' as Identity['incarnation'],
    });
    expect(code(() => take(index(), [elsewhere.bytes]))).toBe('NOT_THE_WRITER');
    const otherActor = entry(1, '-', start, { actor: '99'.repeat(16) });
    expect(code(() => take(index(), [otherActor.bytes]))).toBe('NOT_THE_WRITER');
  });

  it('P3: two entries after one are both kept and show as a fork', () => {
    const index = new SegmentIndex(journal, genesis);
    const [first] = ten;
    if (!first) throw new Error('chain');
    const other = entry(2, first.sealed.hash, first.place, { body: { n: 'other' } });
    expect(take(index, [...ten.map((one) => one.bytes), other.bytes])).toHaveLength(11);
    expect(index.forked).toBe(true);
  });

  it('J8: an unknown type and a missing predecessor are kept', () => {
    const index = new SegmentIndex(journal, genesis);
    const strange = entry(9, 'A'.repeat(43), start, { type: 'Teleported', body: { to: 'mars' } });
    expect(take(index, [strange.bytes])).toEqual([9]);
  });

  it('D5: what a sender makes us remember is bounded and takes no room from others; it can be forgotten', () => {
    const index = new SegmentIndex(journal, genesis);
    const floating = (n: number) => entry(n, 'A'.repeat(43), nowhere(n)).bytes;
    const many = Array.from({ length: limits.entriesPerSegment }, (_, n) => floating(n + 5));
    take(index, many, 'flood');
    expect(code(() => take(index, [floating(5_000)], 'flood'))).toBe('OVER_LIMIT');
    const [first, second] = ten;
    if (!first || !second) throw new Error('chain');
    expect(take(index, [second.bytes], 'honest')).toEqual([]);
    expect(index.forgetOrphansOf('flood')).toBe(true);
    expect(index.forgetOrphansOf('flood')).toBe(false);
    expect(take(index, [first.bytes], 'honest')).toEqual([1, 2]);
    expect(index.check([], prefix, verifier, 'anybody').orphans).toBe(0);
  });

  it('D5: bytes of what waits are bounded as well', () => {
    const index = new SegmentIndex(journal, genesis);
    const body = { text: 'x'.repeat(limits.entryBytes - 4_096) };
    const large = (n: number) => entry(n, 'A'.repeat(43), nowhere(n), { body }).bytes;
    const fits = Math.floor(limits.orphanBytes / limits.entryBytes);
    take(
      index,
      Array.from({ length: fits }, (_, n) => large(n + 5)),
    );
    expect(code(() => [1, 2, 3].map((n) => take(index, [large(900 + n)])))).toBe('OVER_LIMIT');
  });

  it('J6: without the orphan that was false, what unmasked it passes', () => {
    const [first, second] = ten;
    if (!first || !second) throw new Error('chain');
    const index = new SegmentIndex(journal, genesis);
    const wrapped = writeEntryChange(second.sealed.bytes, actor, { ...first.place, op: 40 }, start);
    take(index, [wrapped.bytes], 'liar');
    take(index, [second.bytes], 'honest');
    expect(index.hasTwins).toBe(true);
    expect(code(() => take(index, [first.bytes], 'honest'))).toBe('CHANGE_NOT_CANONICAL');
    index.forgetOrphansOf('liar');
    expect(take(index, [first.bytes], 'honest')).toEqual([1, 2]);
    expect(index.hasTwins).toBe(false);
    expect(index.forked).toBe(false);
  });

  it('P3: two entries under one actor and seq are both kept, and the later with its branch is told apart', () => {
    const index = new SegmentIndex(journal, genesis);
    const [first, second, third] = ten;
    if (!first || !second || !third) throw new Error('chain');
    const other = entry(2, first.sealed.hash, first.place, { body: { n: 'other' } });
    const after = entry(3, other.sealed.hash, other.place, { body: { n: 'after' } });
    take(index, [first.bytes, second.bytes, third.bytes]);
    expect(index.hasTwins).toBe(false);
    expect(take(index, [other.bytes, after.bytes])).toEqual([2, 3]);
    expect(index.hasTwins).toBe(true);
    expect([second, third, other, after].map(({ place }) => index.isTwin(place.hash))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    // A fork by another process is a branch like any.
    const another = new SegmentIndex(journal, genesis);
    const byOther = entry(2, first.sealed.hash, first.place, {
      actor: `${prefix}${'7'.repeat(16)}`,
    });
    take(another, [first.bytes, second.bytes, byOther.bytes]);
    expect([another.forked, another.hasTwins]).toEqual([true, false]);
  });
});
