import fc from 'fast-check';
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import type {
  EntryHash,
  Hlc,
  IncarnationId,
  JournalKey,
  StoreId,
  TerminalId,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { toBase64Url } from './bytes.ts';
import { decodeCanonical, encodeCanonical } from './canonical-json.ts';
import { hash8Of, hashOfEntry, isSignedBy, readEntry, sealEntry, verifyEntries } from './entry.ts';
import type { Signer, UnsignedEntry, VerifiedEntry, Verifier } from './envelope.ts';

/** A key of these tests: 32 equal bytes. */
function keyPair(byte: number): { signer: Signer; verifier: Verifier } {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([prefix, Buffer.alloc(32, byte)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key);
  return {
    signer: (message) => new Uint8Array(sign(null, message, key)),
    verifier: (message, signature) => verify(null, message, publicKey, signature),
  };
}
const { signer, verifier } = keyPair(1);
const stranger = keyPair(2);

const unsigned: UnsignedEntry = {
  v: 1,
  store: 'S01' as StoreId,
  terminal: 'T1' as TerminalId,
  incarnation: '0123456789abcdef' as IncarnationId,
  seq: 1,
  prev: '-',
  saw: { ['S01/T2/00000000000000aa' as JournalKey]: [3, 'AAAAAAAAAAA'] },
  at: '018bcfe568000000' as Hlc,
  wall: 1_700_000_000_000,
  zone: 'Europe/London',
  command: 'command-1',
  type: 'SaleCompleted',
  by: 'ann',
  body: { number: 'S01-T1A-S-1', note: 'Käse €' },
  actor: 'ab'.repeat(16),
  dep: 'cd'.repeat(32),
};

/** A run of entries, each hashing to the next one's `prev`. */
function run(length: number, by: Signer = signer): VerifiedEntry[] {
  const entries: VerifiedEntry[] = [];
  for (let seq = 1; seq <= length; seq++)
    entries.push(sealEntry({ ...unsigned, seq, prev: entries.at(-1)?.hash ?? '-' }, by));
  return entries;
}

function codeOf(action: () => unknown): ErrorCode | 'taken' {
  try {
    action();
    return 'taken';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}
const sealed = sealEntry(unsigned, signer);
const withField = (name: string, value: unknown): Uint8Array =>
  encodeCanonical({ ...sealed.entry, [name]: value });

/** As its bytes would be read, were they an entry. */
const edited = (read: VerifiedEntry, fields: object): VerifiedEntry => ({
  ...read,
  bytes: encodeCanonical(fields),
  entry: fields as VerifiedEntry['entry'],
});

describe('an entry as bytes', () => {
  it('J2: what was sealed is read as the same entry, signed by its writer alone', () => {
    const read = readEntry(sealed.bytes);
    expect(read).toEqual(sealed);
    expect(read.journal).toBe('S01/T1/0123456789abcdef');
    expect(read.hash).toBe(createHash('sha256').update(sealed.bytes).digest('base64url'));
    expect(isSignedBy(read, verifier)).toBe(true);
    expect(isSignedBy(read, stranger.verifier)).toBe(false);
  });

  it('J2: a body that quotes the signature’s member, as text or as a field, is covered as well', () => {
    const first = sealEntry(unsigned, signer);
    const body = { ...unsigned.body, quoted: { sig: first.entry.sig, rest: 1 } };
    const forged = { ...first.entry, body };
    expect(isSignedBy(edited(first, forged), verifier)).toBe(false);
    const { sig: _, ...without } = forged;
    const signature = toBase64Url(signer(encodeCanonical(without)));
    const quoting = { ...without, body: { ...body, quoted: { sig: signature, rest: 1 } } };
    const { sig: theirs } = sealEntry(quoting, signer).entry;
    expect(isSignedBy(edited(first, { ...quoting, sig: theirs }), verifier)).toBe(true);
    expect(isSignedBy(edited(first, { ...quoting, sig: signature }), verifier)).toBe(false);
    // The longer text that a careless cut would leave is signed by nobody.
    const text = new TextDecoder().decode(first.bytes);
    expect(text.split(`"sig":"${first.entry.sig}",`)).toHaveLength(2);
  });

  it('J2: the signature covers every field, those of later versions too', () => {
    const later = {
      ...unsigned,
      mood: 'sunny',
      body: { ...unsigned.body, extra: [1, { deep: true }] },
    };
    const read = readEntry(sealEntry(later, signer).bytes);
    expect(read.entry).toMatchObject(later);
    expect(isSignedBy(read, verifier)).toBe(true);
    const fields = decodeCanonical(read.bytes) as Record<string, unknown>;
    for (const name of Object.keys(fields)) {
      if (name === 'sig') continue;
      const { [name]: _, ...without } = fields;
      expect(isSignedBy(edited(read, without), verifier)).toBe(false);
      const changed = { ...read.entry, [name]: `${String(fields[name])}x` };
      expect(isSignedBy(edited(read, changed), verifier)).toBe(false);
    }
  });

  it.each<[string, unknown]>([
    ['v', 2],
    ['store', 's01'],
    ['store', 'S01/T1'],
    ['terminal', 'T'],
    ['incarnation', '0123456789ABCDEF'],
    ['seq', 0],
    ['seq', -1],
    ['seq', '1'],
    ['prev', ''],
    ['prev', 'A'.repeat(42)],
    ['saw', []],
    ['saw', { nobody: [1, 'AAAAAAAAAAA'] }],
    ['saw', { 'S01/T2/00000000000000aa': [0, 'AAAAAAAAAAA'] }],
    ['saw', { 'S01/T2/00000000000000aa': [1, 'short'] }],
    ['saw', { 'S01/T2/00000000000000aa': [1, 'AAAAAAAAAAA', 1] }],
    ['at', 'now'],
    ['wall', -1],
    ['zone', ''],
    ['command', ''],
    ['command', 'c'.repeat(129)],
    ['type', ''],
    ['by', ''],
    ['body', []],
    ['body', 'text'],
    ['actor', 'ab'.repeat(15)],
    ['dep', 'CD'.repeat(32)],
    ['sig', 'A'.repeat(85)],
    ['sig', undefined],
  ])('J2: an envelope whose %s is %j is none', (name, value) => {
    expect(codeOf(() => readEntry(withField(name, value)))).toBe('ENTRY_MALFORMED');
  });

  it('J1: bytes in any other than the canonical form are refused', () => {
    for (const text of [
      ` ${new TextDecoder().decode(sealed.bytes)}`,
      JSON.stringify(Object.fromEntries(Object.entries(sealed.entry).reverse())),
      '',
      '[]',
      'null',
    ])
      expect(codeOf(() => readEntry(new TextEncoder().encode(text)))).toBe('ENTRY_MALFORMED');
  });

  it('J1: an altered byte is refused, or its signature no longer fits', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: sealed.bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, mask) => {
          const altered = sealed.bytes.slice();
          altered[at] = (altered[at] ?? 0) ^ mask;
          let read: VerifiedEntry;
          try {
            read = readEntry(altered);
          } catch (error) {
            expect(isTillmeshError(error, 'ENTRY_MALFORMED')).toBe(true);
            return;
          }
          expect(isSignedBy(read, verifier)).toBe(false);
          expect(read.hash).not.toBe(sealed.hash);
        },
      ),
      { seed: 1, numRuns: 400 },
    );
  });

  it.each([
    [1, 'A'.repeat(43)],
    [2, '-'],
    [1_000, '-'],
  ])('J2: the first entry, and no other, follows none: seq %i after %s', (seq, prev) => {
    const { bytes } = sealEntry({ ...unsigned, seq, prev: prev as EntryHash | '-' }, signer);
    expect(codeOf(() => readEntry(bytes))).toBe('ENTRY_MALFORMED');
  });

  it('J2: what could not be kept is not written, and not read', () => {
    const large = { ...unsigned, body: { text: 'x'.repeat(limits.entryBytes) } };
    expect(codeOf(() => sealEntry(large, signer))).toBe('OVER_LIMIT');
    expect(codeOf(() => readEntry(new Uint8Array(limits.entryBytes + 1)))).toBe('OVER_LIMIT');
    const saw = Object.fromEntries(
      Array.from({ length: limits.sawJournals + 1 }, (_, n) => [
        `S01/T${n + 1}/00000000000000aa`,
        [1, 'AAAAAAAAAAA'],
      ]),
    );
    expect(codeOf(() => readEntry(withField('saw', saw)))).toBe('OVER_LIMIT');
  });

  it('J3: a valid signature proves everything beneath it, at the cost of one check', () => {
    const entries = run(50);
    let checks = 0;
    const counted: Verifier = (message, signature) => {
      checks++;
      return verifier(message, signature);
    };
    verifyEntries(entries, counted);
    expect(checks).toBe(1);
    // Entries that the last one does not reach need their own.
    verifyEntries(entries.toSpliced(25, 1), counted);
    expect(checks).toBe(3);
  });

  it('J3: an entry that a genuine one does not hash to is refused, wherever it stands', () => {
    const entries = run(8);
    for (let at = 0; at < entries.length; at++) {
      const before = entries[at];
      if (!before) throw new Error('no entry');
      const forged = readEntry(encodeCanonical({ ...before.entry, by: 'eve' }));
      expect(codeOf(() => verifyEntries(entries.with(at, forged), verifier))).toBe('ENTRY_FORGED');
    }
    expect(codeOf(() => verifyEntries(run(3, stranger.signer), verifier))).toBe('ENTRY_FORGED');
    expect(codeOf(() => verifyEntries([], verifier))).toBe('taken');
  });

  it('J3: `saw` holds the first 8 bytes of a hash', () => {
    const { hash } = sealed;
    expect(hash8Of(hash)).toHaveLength(11);
    expect(Buffer.from(hash8Of(hash), 'base64url')).toEqual(
      Buffer.from(hash, 'base64url').subarray(0, 8),
    );
    expect(codeOf(() => hash8Of('?' as EntryHash))).toBe('INVARIANT');
    expect(hashOfEntry(new Uint8Array())).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });
});
