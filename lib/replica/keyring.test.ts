import { beforeAll, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { journalKeyOf, type SeriesLetter, type StoreId } from '../domain/ids.ts';
import { toBase64Url } from '../journal/bytes.ts';
import { verifyChain } from '../trust/chain.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { headOffice, Keyring, rosterRecord } from './keyring.ts';

let company: SampleCompany;
let till: NewIncarnation;
let relay: NewIncarnation;
let stranger: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('keyring');
  till = await company.incarnation('S01', 'T1');
  relay = await company.incarnation('HQ', 'HQ1');
  stranger = await (await SampleCompany.create('other')).incarnation('S01', 'T1');
});
const letter = 'A' as SeriesLetter;
const keyring = () => new Keyring((ders) => verifyChain(ders, company.caDer));
const code = (wanted: string) =>
  expect.toSatisfy((error) => isTillmeshError(error) && error.code === wanted);

describe('keyring', () => {
  it('T2: takes in whom a chain of the company names, by whatever road it came, and nobody else', () => {
    const ring = keyring();
    const member = ring.learn(till.chain, letter);
    expect(member).toMatchObject({ principal: till.principal, identity: till.identity, letter });
    const message = Uint8Array.of(1, 2, 3);
    expect(member.verify(message, till.signer(message))).toBe(true);
    expect(member.verify(message, relay.signer(message))).toBe(false);
    expect(() => ring.learn(stranger.chain, letter)).toThrow(code('CERTIFICATE_UNTRUSTED'));
    expect(() => ring.learn([], letter)).toThrow(code('CERTIFICATE_MALFORMED'));
    expect(ring.members().map(({ principal }) => principal)).toEqual([till.principal]);
  });

  it('the first word about an incarnation stands', () => {
    const ring = keyring();
    const member = ring.learn(till.chain, letter);
    expect(ring.learn(till.chain, 'B' as SeriesLetter)).toBe(member);
    expect(ring.member(till.principal)?.letter).toBe('A');
  });

  it('J7: a journal is written by its own terminal, and by a relay for what HQ does to a store', () => {
    const ring = keyring();
    const own = journalKeyOf(till.identity);
    const ofHq = journalKeyOf({ ...relay.identity, store: 'S01' as StoreId });
    expect(ring.writer(own)).toBeUndefined();
    ring.learn(till.chain, letter);
    ring.learn(relay.chain, letter);
    expect(ring.writer(own)).toBe(ring.member(till.principal));
    expect(ring.writer(ofHq)).toBe(ring.member(relay.principal));
    // No other store is the till's, under whatever name.
    expect(
      ring.writer(journalKeyOf({ ...till.identity, store: 'S02' as StoreId })),
    ).toBeUndefined();
    expect(relay.identity.store).toBe(headOffice);
  });

  it.each<[string, (chain: string[]) => object]>([
    ['no chain', () => ({ letter })],
    ['a chain of one', ([one]) => ({ letter, chain: [one] })],
    ['a chain of five', ([one]) => ({ letter, chain: [one, one, one, one, one] })],
    ['no letter', (chain) => ({ chain })],
    ['a letter that is none', (chain) => ({ chain, letter: 'a' })],
    ['a chain without end', () => ({ letter, chain: ['A'.repeat(9_000), 'A'] })],
  ])('a roster record with %s is malformed', (_, fields) => {
    const ring = keyring();
    expect(() => ring.read(fields(till.chain.map(toBase64Url)))).toThrow(code('ENTRY_MALFORMED'));
  });

  it('reads what it writes, without taking it in', () => {
    const ring = keyring();
    const read = ring.read({ ...rosterRecord(till.chain, letter), later: 'field' });
    expect(read.verified.principal).toBe(till.principal);
    expect(read).toMatchObject({ chain: till.chain, letter });
    expect(ring.members()).toEqual([]);
    expect(() => ring.read(rosterRecord([Uint8Array.of(1), Uint8Array.of(2)], letter))).toThrow(
      code('CERTIFICATE_MALFORMED'),
    );
  });
});
