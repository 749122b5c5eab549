import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { encodeCanonical } from '../journal/canonical-json.ts';
import type { Verifier } from '../journal/envelope.ts';
import { verifyChain } from './chain.ts';
import type { NewIncarnation } from './incarnation.ts';
import { SampleCompany } from './sample-company.ts';
import { openRecord, sealRecord } from './signed-record.ts';
import { verdictOf } from './sample-verdict.ts';

const utf8 = {
  encode: (s: string) => new TextEncoder().encode(s),
  decode: (b: Uint8Array) => new TextDecoder().decode(b),
};
const fields = { archive: 'main', generation: 3, tips: { 'S01/T1/0123456789abcdef': [17, 'x'] } };
let relay: NewIncarnation;
let till: NewIncarnation;
let known: (by: Principal) => Verifier | undefined;

beforeAll(async () => {
  const company = await SampleCompany.create();
  relay = await company.incarnation('HQ', 'HQ1');
  till = await company.incarnation('S01', 'T1');
  const verifiers = new Map(
    [relay, till].map(({ principal, chain }) => [
      principal,
      verifyChain(chain, company.caDer).verify,
    ]),
  );
  known = (by) => verifiers.get(by);
});

const sealed = (): Uint8Array => sealRecord('status', fields, relay.principal, relay.signer);
/** The record with something done to its fields and its signature left. */
const altered = (change: Record<string, unknown>): Uint8Array => {
  const record = JSON.parse(utf8.decode(sealed())) as Record<string, unknown>;
  return encodeCanonical({ ...record, ...change });
};

describe('P7: a signed record', () => {
  test('gives back what was signed, and by whom', () => {
    expect(openRecord(sealed(), known)).toEqual({ kind: 'status', fields, by: relay.principal });
  });

  test('keeps any fields, unknown ones too', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z]{2,8}$/),
          fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), fc.boolean()),
        ),
        (any) => {
          const { kind: _k, by: _b, sig: _s, ...free } = any;
          const safe = JSON.parse(JSON.stringify(free)) as Record<
            string,
            string | number | boolean
          >;
          const bytes = sealRecord('notice', safe, till.principal, till.signer);
          expect(openRecord(bytes, known).fields).toEqual(safe);
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  test.each<[string, () => Uint8Array, string]>([
    ['with a changed field is forged', () => altered({ generation: 4 }), 'ENTRY_FORGED'],
    ['with a field more is forged', () => altered({ more: 1 }), 'ENTRY_FORGED'],
    ['of another kind is forged', () => altered({ kind: 'notice' }), 'ENTRY_FORGED'],
    ['in another’s name is forged', () => altered({ by: till.principal }), 'ENTRY_FORGED'],
    ['by nobody known is forged', () => altered({ by: 'HQ-HQ9-0123456789abcdef' }), 'ENTRY_FORGED'],
    [
      'signed by another is forged',
      () => sealRecord('status', fields, relay.principal, till.signer),
      'ENTRY_FORGED',
    ],
    ['of a later version is malformed', () => altered({ v: 2 }), 'ENTRY_MALFORMED'],
    ['without a writer is malformed', () => altered({ by: 'HQ' }), 'ENTRY_MALFORMED'],
    ['without a kind is malformed', () => altered({ kind: undefined }), 'ENTRY_MALFORMED'],
    ['with a short signature is malformed', () => altered({ sig: 'AAAA' }), 'ENTRY_MALFORMED'],
    ['with no text as signature is malformed', () => altered({ sig: 5 }), 'ENTRY_MALFORMED'],
    ['that is a list is malformed', () => utf8.encode('[]'), 'ENTRY_MALFORMED'],
    ['that is null is malformed', () => utf8.encode('null'), 'ENTRY_MALFORMED'],
    [
      'in another form is malformed',
      () => utf8.encode(` ${utf8.decode(sealed())}`),
      'ENTRY_MALFORMED',
    ],
    ['cut off is malformed', () => sealed().subarray(0, 40), 'ENTRY_MALFORMED'],
    [
      'larger than any is over the limit',
      () => new Uint8Array(limits.recordBytes + 1),
      'OVER_LIMIT',
    ],
  ])('%s', (_, bytes, code) => {
    expect(verdictOf(() => openRecord(bytes(), known))).toBe(code);
  });

  test('is not a journal entry: a signature over the same JSON without its domain is none', () => {
    const unsigned = { ...fields, v: 1, kind: 'status', by: relay.principal };
    const signature = Buffer.from(relay.signer(encodeCanonical(unsigned))).toString('base64url');
    expect(verdictOf(() => openRecord(altered({ sig: signature }), known))).toBe('ENTRY_FORGED');
  });

  test('is refused before it is signed where it could not be read again', () => {
    const seal = (kind: string, more: Record<string, string>) => () =>
      sealRecord(kind, more, relay.principal, relay.signer);
    expect(verdictOf(seal('status', { sig: 'x' }))).toBe('INVARIANT');
    expect(verdictOf(seal('status', { by: 'x' }))).toBe('INVARIANT');
    expect(verdictOf(seal('Status!', {}))).toBe('INVARIANT');
    expect(verdictOf(seal('status', { text: 'x'.repeat(limits.recordBytes) }))).toBe('OVER_LIMIT');
  });
});
