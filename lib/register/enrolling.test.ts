import { createPublicKey } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DocumentRegistry } from '../documents/registry.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { Principal, SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { grantFields } from '../replica/enrol-grants.ts';
import { Keyring, type Member } from '../replica/keyring.ts';
import { StandingClock } from '../replica/sample-replica.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { verifyChain } from '../trust/chain.ts';
import { issueIncarnation, type NewIncarnation } from '../trust/incarnation.ts';
import { JoinCodeFile } from '../trust/join-code-file.ts';
import { newKeyPair } from '../trust/keys.ts';
import {
  SampleCompany,
  sampleNowMs,
  seededBytes,
  type SampleTerminal,
} from '../trust/sample-company.ts';
import type { RecordFields } from '../trust/signed-record.ts';
import { TillIssuer } from '../trust/till-issuer.ts';
import { Enrolling, type EnrollingParts } from './enrolling.ts';

let company: SampleCompany;
let rogue: SampleCompany;
let t1: SampleTerminal;
let life: NewIncarnation;
let hq: NewIncarnation;
let others: NewIncarnation[];
let records: { by: Member; fields: RecordFields }[];
let keyring: Keyring;
let clock: { nowMs: number };
let problems: unknown[];
const letter = 'A' as SeriesLetter;

beforeAll(async () => {
  company = await SampleCompany.create('enrolling');
  rogue = await SampleCompany.create('rogue');
  t1 = await company.terminal('S01', 'T1');
  life = await company.incarnationOf(t1);
  hq = await company.incarnation('HQ', 'HQ1');
  others = [
    await company.incarnation('S01', 'T11'),
    await company.incarnation('S02', 'T12'),
    await company.incarnation('S01', 'T2'),
  ];
});
beforeEach(() => {
  keyring = new Keyring((ders) => verifyChain(ders, company.caDer));
  for (const { chain } of [life, hq, ...others]) keyring.learn(chain, letter);
  records = [];
  clock = { nowMs: sampleNowMs };
  problems = [];
});

/** This till's right to enrol T10 to T13, with anything about it changed. */
async function grant(
  change: {
    readonly by?: Principal;
    readonly till?: Principal;
    readonly of?: SampleCompany;
    readonly store?: string;
    readonly first?: number;
    readonly last?: number;
  } = {},
): Promise<readonly Uint8Array[]> {
  const { authority } = change.of ?? company;
  const { store = 'S01', first = 10, last = 13 } = change;
  const range = { store: store as StoreId, terminal: t1.terminal, first, last };
  const publicKey = createPublicKey(t1.key);
  const chance = { random: company.random, nowMs: sampleNowMs };
  const own = await authority.issueEnroller(range, { publicKey, ...chance });
  const issuers = [own, ...authority.issuers];
  const by = keyring.member(change.by ?? hq.principal);
  if (!by) throw new Error('nobody');
  records.push({ by, fields: grantFields(change.till ?? life.principal, issuers) });
  return issuers;
}

function open(me = life): Enrolling {
  const registry = new DocumentRegistry();
  registry.learnStore(t1.store);
  const replica = {
    registry,
    keyring,
    me: keyring.member(me.principal),
    records: { records: () => records },
  };
  const disk = new FaultyDisk(seededRandom(1));
  disk.makeDirectory('/data');
  const standing = new StandingClock();
  return new Enrolling({
    // The parts of a replica that it looks at.
    register: { replica } as unknown as EnrollingParts['register'],
    enrolled: {
      company: 'acme',
      store: t1.store,
      terminal: t1.terminal,
      letter,
      caDer: company.caDer,
      terminalDer: t1.certificateDer,
      issuers: t1.issuers,
      relays: [{ host: 'hq.example', port: 3001 }],
      terminalKey: t1.key,
    },
    codes: new JoinCodeFile(disk, '/data/enrolments.json'),
    clock: { ...standing, wallMs: () => clock.nowMs } as unknown as EnrollingParts['clock'],
    random: seededBytes('codes'),
    onEvent: () => undefined,
    onProblem: (error) => problems.push(error),
  });
}

async function next(till: Enrolling): Promise<string> {
  try {
    return (await till.newCode()).terminal;
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

/** Whether a stranger who asks is answered at all. */
function isListening(till: Enrolling): boolean {
  let status = 0;
  const response = {
    writeHead: (code: number) => ((status = code), response),
    end: () => response,
  };
  till.onRequest({} as IncomingMessage, response as unknown as ServerResponse);
  return status !== 426;
}

describe('a till without a range', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['none was granted', async () => undefined],
    ['another till granted it', () => grant({ by: others[2]?.principal ?? hq.principal })],
    [
      'it was granted to an earlier life of this till',
      () => grant({ till: 'S01-T1-00000000000000aa' as Principal }),
    ],
    [
      'it was granted to another till',
      () => grant({ till: others[2]?.principal ?? life.principal }),
    ],
    ['it is of another store', () => grant({ store: 'S02' })],
    ['it is of a rogue company', () => grant({ of: rogue })],
    [
      'it is garbage',
      async () => {
        const by = keyring.member(hq.principal);
        if (by) records.push({ by, fields: grantFields(life.principal, [new Uint8Array(9)]) });
      },
    ],
  ])('makes no codes and answers nobody: %s', async (_, prepare) => {
    await prepare();
    const till = open();
    expect(await next(till)).toBe('ENROLLING_NOT_GRANTED');
    expect(isListening(till)).toBe(false);
    expect(problems).toEqual([]);
  });
});

describe('a till with a range', () => {
  test('gives each number once, and none that a till of its store has', async () => {
    await grant();
    const till = open();
    const given = [await next(till), await next(till), await next(till), await next(till)];
    expect(given).toEqual(['T10', 'T12', 'T13', 'ENROLLING_USED_UP']);
    // Codes that nobody used are worth nothing now, and their numbers are free.
    clock.nowMs += limits.joinCodeMinutes * 60_000;
    expect(await next(till)).toBe('T10');
  });

  test('goes on with a second range when the first one is used up', async () => {
    await grant({ first: 10, last: 11 });
    const till = open();
    expect([await next(till), await next(till)]).toEqual(['T10', 'ENROLLING_USED_UP']);
    await grant({ first: 20, last: 21 });
    expect(await next(till)).toBe('T20');
  });

  test('signs chains that everybody of the company takes, and none beyond its range', async () => {
    const issuers = await grant();
    const issuer = new TillIssuer({ caDer: company.caDer, issuers, terminalKey: t1.key });
    const { privateKey, publicKey } = newKeyPair(company.random);
    const chance = { publicKey, random: company.random, nowMs: sampleNowMs };
    const terminal = 'T10' as TerminalId;
    const { chain, principal } = await issueIncarnation({
      caDer: company.caDer,
      terminalDer: await issuer.issueTerminal({ store: t1.store, terminal, ...chance }),
      issuers,
      terminalKey: privateKey,
      ...chance,
    });
    expect(chain).toHaveLength(4);
    const verified = keyring.learn(chain, letter);
    expect(verified.principal).toBe(principal);
    // Who revokes the enrolling till's key finds it in the chains of those that it enrolled.
    const { issuerKeys } = verifyChain(chain, company.caDer);
    expect(issuerKeys[0]).toBe(verifyChain(life.chain, company.caDer).terminalKey);
    for (const [store, name] of [
      ['S01', 'T14'],
      ['S02', 'T10'],
      ['S01', 'K10'],
    ] as const) {
      const beyond = { store: store as StoreId, terminal: name as TerminalId, ...chance };
      await expect(issuer.issueTerminal(beyond)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
  });

  test('is nobody’s who has another key', async () => {
    const issuers = await grant();
    const stolen = {
      caDer: company.caDer,
      issuers,
      terminalKey: newKeyPair(company.random).privateKey,
    };
    expect(() => new TillIssuer(stolen)).toThrow(/another till/);
  });
});
