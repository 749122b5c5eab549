import { createPublicKey, X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { toBase64Url } from '../journal/bytes.ts';
import { EnrolmentOffice, type EnrolmentEvent } from './enrolment-office.ts';
import {
  answerSaid,
  prepareEnrolment,
  proofOf,
  type EnrolmentAnswer,
  type PreparedRequest,
} from './enrolment.ts';
import { joinKeyOf, parseJoinCode, type JoinCode } from './join-code.ts';
import { keyNameOf, newKeyPair, rawPublicKey, type KeyPair } from './keys.ts';
import { MemoryJoinCodes } from './memory-join-codes.ts';
import { SampleCompany, sampleNowMs, seededBytes } from './sample-company.ts';

const store = 'S01' as StoreId;
const terminal = 'T1' as TerminalId;
/** Keying material of two TLS connections. */
const here = new Uint8Array(32).fill(1);
const elsewhere = new Uint8Array(32).fill(2);
const random = seededBytes('enrolment');

let company: SampleCompany;
let keys: KeyPair;
let codes: MemoryJoinCodes;
let office: EnrolmentOffice;
let code: JoinCode;
let nowMs: number;
let letters: number;
let revoked: Set<string>;
let holder: string | undefined;

beforeAll(async () => {
  company = await SampleCompany.create();
  keys = newKeyPair(random);
});
beforeEach(async () => {
  nowMs = sampleNowMs;
  letters = 0;
  [revoked, holder] = [new Set(), undefined];
  codes = new MemoryJoinCodes();
  office = new EnrolmentOffice({
    codes,
    issuerOf: () => company.authority,
    nextLetter: async () => String.fromCharCode(65 + letters++) as SeriesLetter,
    relays: () => [{ host: 'hq.example', port: 3001 }],
    holderOf: async (of, name) => (of === store && name === terminal ? holder : undefined),
    isRevoked: (of, key) => of === store && revoked.has(key),
    random,
    wallMs: () => nowMs,
  });
  code = await newCode();
});

async function newCode(): Promise<JoinCode> {
  const parsed = parseJoinCode((await office.newCode(store, terminal)).code);
  if (!parsed) throw new Error('a new code cannot be read');
  return parsed;
}
const prepare = (used = code, keyingMaterial = here, named?: StoreId): PreparedRequest =>
  prepareEnrolment({
    code: used,
    terminalKey: keys.privateKey,
    keyingMaterial,
    random,
    ...(named === undefined ? {} : { store: named }),
  });
async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'accepted';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}
const wrong = (): JoinCode => ({
  ...code,
  secret: code.secret === '0'.repeat(12) ? '1'.repeat(12) : '0'.repeat(12),
});
const unknown = (): JoinCode => ({ ...code, id: code.id === '0000' ? '0001' : '0000' });

describe('a terminal with the right code', () => {
  test('is enrolled under the CA, with a letter and the way to head office', async () => {
    const prepared = prepare();
    const enrolled = prepared.open(await office.enrol(prepared.request, here));
    expect(enrolled).toMatchObject({
      company: 'acme',
      store,
      terminal,
      letter: 'A',
      caDer: company.caDer,
      relays: [{ host: 'hq.example', port: 3001 }],
    });
    const { publicKey } = new X509Certificate(enrolled.terminalDer);
    expect(publicKey.equals(keys.publicKey)).toBe(true);
    expect((await codes.find(code.id))?.used).toBe(true);
  });

  test('may name its store, and is not enrolled into another one by mistake', async () => {
    const other = prepare(code, here, 'S02' as StoreId);
    expect(await codeOf(() => office.enrol(other.request, here))).toBe('INPUT_INVALID');
    const same = prepare(code, here, store);
    expect(await codeOf(() => office.enrol(same.request, here))).toBe('accepted');
  });

  test('N9: gets no certificate for a key that was revoked; with a new one the code is as good as before', async () => {
    revoked.add(keyNameOf(keys.publicKey));
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('TERMINAL_REVOKED');
    const { privateKey } = newKeyPair(random);
    const { request } = prepareEnrolment({
      code,
      terminalKey: privateKey,
      keyingMaterial: here,
      random,
    });
    expect(await codeOf(() => office.enrol(request, here))).toBe('accepted');
  });

  test('can use it once, also when it asks twice at the same time', async () => {
    const first = prepare();
    const second = prepare();
    const outcomes = await Promise.all(
      [first, second].map(({ request }) => codeOf(() => office.enrol(request, here))),
    );
    expect(outcomes).toEqual(['accepted', 'JOIN_CODE_USED']);
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('JOIN_CODE_USED');
  });

  test('N9: gets no name that lives: no code is made for it, and of two that were made one counts', async () => {
    holder = 'ab';
    expect(await codeOf(() => office.newCode(store, terminal))).toBe('NAME_IN_USE');
    expect(await codeOf(() => office.newCode(store, 'T2' as TerminalId))).toBe('accepted');
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('NAME_IN_USE');
    expect([letters, (await codes.find(code.id))?.used]).toEqual([0, false]);
    holder = undefined;
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('accepted');
  });

  test('is told of a code that was withdrawn that it is void', async () => {
    const record = await codes.find(code.id);
    if (!record) throw new Error('no code');
    codes.find = async () => ({ ...record, used: true, isVoid: true });
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('JOIN_CODE_VOID');
    // Withdrawn after it was looked at.
    const found = [record, { ...record, used: true, isVoid: true as const }];
    codes.find = async () => found.shift();
    codes.use = async () => false;
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('JOIN_CODE_VOID');
  });

  test('loses no code to a problem of head office', async () => {
    let broken = true;
    const options = {
      codes,
      issuerOf: () => company.authority,
      relays: () => [],
      random,
      wallMs: () => nowMs,
      nextLetter: async () => {
        if (broken) throw new Error('database away');
        return 'A' as SeriesLetter;
      },
    };
    const troubled = new EnrolmentOffice(options);
    await expect(troubled.enrol(prepare().request, here)).rejects.toThrow('database away');
    broken = false;
    expect(await codeOf(() => troubled.enrol(prepare().request, here))).toBe('accepted');
  });

  test('is too late when the code has expired, to the millisecond', async () => {
    nowMs += limits.joinCodeMinutes * 60_000 - 1;
    const { request } = prepare();
    nowMs += 1;
    expect(await codeOf(() => office.enrol(request, here))).toBe('JOIN_CODE_EXPIRED');
    nowMs -= 1;
    expect(await codeOf(() => office.enrol(request, here))).toBe('accepted');
  });
});

describe('who does not know the secret', () => {
  test('learns nothing: wrong, unknown, used and expired codes are all wrong', async () => {
    const used = await newCode();
    await office.enrol(prepare(used).request, here);
    const wrongUsed = { ...used, secret: wrong().secret };
    const attempts = [wrong(), unknown(), wrongUsed];
    for (const attempt of attempts)
      expect(await codeOf(() => office.enrol(prepare(attempt).request, here))).toBe(
        'JOIN_CODE_WRONG',
      );
    nowMs += limits.joinCodeMinutes * 60_000;
    expect(await codeOf(() => office.enrol(prepare(wrong()).request, here))).toBe(
      'JOIN_CODE_WRONG',
    );
    expect(letters).toBe(1);
  });

  test('kills the code by trying, one after the other or all at once', async () => {
    for (const atOnce of [false, true]) {
      const victim = await newCode();
      const guess = { ...victim, secret: wrong().secret };
      const guesses = Array.from({ length: limits.joinCodeTries }, () => prepare(guess).request);
      const requests = [...guesses, prepare(victim).request];
      const outcomes: string[] = [];
      const tries = requests.map((request) => async () => {
        outcomes.push(await codeOf(() => office.enrol(request, here)));
      });
      if (atOnce) await Promise.all(tries.map((run) => run()));
      else for (const run of tries) await run();
      expect(outcomes).toEqual(requests.map(() => 'JOIN_CODE_WRONG'));
    }
  });

  test('may be mistaken once less than that', async () => {
    for (let i = 1; i < limits.joinCodeTries; i++)
      await codeOf(() => office.enrol(prepare(wrong()).request, here));
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('accepted');
  });

  test('cannot replay a proof on another connection', async () => {
    const overheard = prepare().request;
    expect(await codeOf(() => office.enrol(overheard, elsewhere))).toBe('JOIN_CODE_WRONG');
    expect((await codes.find(code.id))?.used).toBe(false);
  });

  test('cannot put its own key, store or nonce under another’s proof', async () => {
    const { request } = prepare();
    const changes = [
      { terminalPublicKey: toBase64Url(rawPublicKey(newKeyPair(random).publicKey)) },
      { nonce: toBase64Url(random(32)) },
      { store: 'S01' },
    ];
    for (const change of changes)
      expect(await codeOf(() => office.enrol({ ...request, ...change }, here))).toBe(
        'JOIN_CODE_WRONG',
      );
  });

  test('cannot pass the register’s proof off as head office’s', async () => {
    const prepared = prepare();
    const answer = await office.enrol(prepared.request, here);
    const reflected = { ...answer, proof: prepared.request.proof };
    expect(await codeOf(() => prepared.open(reflected))).toBe('JOIN_NOT_HQ');
  });
});

describe('an answer', () => {
  let prepared: PreparedRequest;
  let answer: EnrolmentAnswer;
  let rogue: SampleCompany;
  beforeEach(async () => {
    prepared = prepare();
    answer = await office.enrol(prepared.request, here);
    rogue = await SampleCompany.create('rogue');
  });
  /** Proven with the code: what a head office with a fault of its own would send. */
  const proven = (change: Partial<EnrolmentAnswer>): EnrolmentAnswer => {
    const { proof: _, ...said } = { ...answer, ...change };
    const proof = proofOf('head-office', joinKeyOf(code), here, answerSaid(said, prepared.request));
    return { ...said, proof };
  };

  test('with anything changed is not head office’s', async () => {
    const changes: Partial<EnrolmentAnswer>[] = [
      { ca: toBase64Url(rogue.caDer) },
      { letter: 'B' as SeriesLetter },
      { company: 'acme2' },
      { terminal: 'T2' as TerminalId },
      { issuers: [] },
      { relays: [{ host: 'elsewhere.example', port: 3001 }] },
      { proof: 'A'.repeat(43) },
    ];
    for (const change of changes)
      expect(await codeOf(() => prepared.open({ ...answer, ...change }))).toBe('JOIN_NOT_HQ');
  });

  test('to another request, or in another form, is not head office’s', async () => {
    expect(await codeOf(() => prepare().open(answer))).toBe('JOIN_NOT_HQ');
    for (const other of [null, [], {}, 'yes', { ...answer, more: 1 }, { ...answer, v: 2 }])
      expect(await codeOf(() => prepared.open(other))).toBe('JOIN_NOT_HQ');
  });

  test('whose certificate is no good is refused even with proof', async () => {
    const foreign = await rogue.terminal('S01', 'T1');
    const request = { store, random, nowMs };
    const ofAnotherKey = await company.terminal('S01', 'T1');
    const named = await company.authority.issueTerminal({
      ...request,
      terminal: 'T2' as TerminalId,
      publicKey: createPublicKey(keys.privateKey),
    });
    const cases: [Partial<EnrolmentAnswer>, string][] = [
      [{}, 'accepted'],
      [{ certificate: toBase64Url(foreign.certificateDer) }, 'CERTIFICATE_UNTRUSTED'],
      [{ ca: toBase64Url(rogue.caDer) }, 'CERTIFICATE_UNTRUSTED'],
      [{ certificate: toBase64Url(ofAnotherKey.certificateDer) }, 'CERTIFICATE_MALFORMED'],
      [{ certificate: toBase64Url(named) }, 'CERTIFICATE_MALFORMED'],
      [{ certificate: answer.ca }, 'CERTIFICATE_UNTRUSTED'],
      [{ issuers: [] }, 'CERTIFICATE_UNTRUSTED'],
      [{ issuers: rogue.authority.issuers.map(toBase64Url) }, 'CERTIFICATE_UNTRUSTED'],
      [{ issuers: ['A'] }, 'CERTIFICATE_MALFORMED'],
      [{ company: 'other' }, 'CERTIFICATE_MALFORMED'],
    ];
    for (const [change, code] of cases)
      expect(await codeOf(() => prepared.open(proven(change)))).toBe(code);
  });
});

test('a request of another form is refused, and costs the code nothing', async () => {
  const { request } = prepare();
  const bodies = [
    null,
    'text',
    [],
    {},
    { ...request, v: 2 },
    { ...request, more: true },
    { ...request, code: '__proto__' },
    { ...request, store: '../S01' },
    { ...request, terminalPublicKey: 'short' },
    { ...request, proof: 1 },
  ];
  for (const body of bodies)
    expect(await codeOf(() => office.enrol(body, here))).toBe('INPUT_INVALID');
  expect((await codes.find(code.id))?.failedTries).toBe(0);
});

test('a new code keeps away from the ids of codes that may still be used', async () => {
  const bytes = new Uint8Array(16).fill(7);
  const rounds = [bytes, bytes, new Uint8Array(16).fill(8)];
  const repeating = new EnrolmentOffice({
    codes,
    issuerOf: () => company.authority,
    nextLetter: async () => 'A' as SeriesLetter,
    relays: () => [],
    random: () => rounds.shift() ?? bytes,
    wallMs: () => nowMs,
  });
  expect((await repeating.newCode(store, terminal)).code).toBe('7777-7777-7777-7777');
  expect((await repeating.newCode(store, terminal)).code).toBe('8888-8888-8888-8888');
  await expect(repeating.newCode(store, terminal)).rejects.toThrow(/join code id/);
});

describe('head office', () => {
  test('gives no code for its own store, and honours none that lies in the database', async () => {
    const own = 'HQ' as StoreId;
    expect(await codeOf(() => office.newCode(own, terminal))).toBe('INPUT_INVALID');
    const record = await codes.find(code.id);
    if (!record) throw new Error('the code is gone');
    await codes.use(code.id);
    await codes.add({ ...record, store: own }, nowMs);
    expect(await codeOf(() => office.enrol(prepare().request, here))).toBe('INPUT_INVALID');
    expect(await codes.find(code.id)).toMatchObject({ used: false });
  });

  test('tells of every code that is made, used and refused, and never tells a code', async () => {
    const told: EnrolmentEvent[] = [];
    const stop = office.onEvent((event) => told.push(event));
    code = await newCode();
    await codeOf(() => office.enrol(prepare(wrong()).request, here));
    await codeOf(() => office.enrol(prepare(unknown()).request, here));
    await office.enrol(prepare().request, here);
    await codeOf(() => office.enrol(prepare().request, here));
    const about = { id: code.id, store, terminal };
    expect(told).toEqual([
      { kind: 'codeMade', ...about, expiresAtMs: nowMs + limits.joinCodeMinutes * 60_000 },
      { kind: 'refused', ...about, reason: 'JOIN_CODE_WRONG' },
      { kind: 'refused', id: unknown().id, reason: 'JOIN_CODE_WRONG' },
      { kind: 'enrolled', ...about },
      { kind: 'refused', ...about, reason: 'JOIN_CODE_USED' },
    ]);
    expect(JSON.stringify(told)).not.toContain(code.secret);
    stop();
    await newCode();
    expect(told).toHaveLength(5);
  });
});
