import { createPublicKey, X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  journalKeyOf,
  type JournalKey,
  type SeriesLetter,
  type StoreId,
  type TerminalId,
} from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import type { FileFinding } from '../lib/projections/file-findings.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import type { TillHealth } from '../lib/host/hq-services.ts';
import { formatHlc } from '../lib/journal/hybrid-clock.ts';
import type { EnrolGrant } from '../lib/replica/enrol-grants.ts';
import { Keyring, type Member } from '../lib/replica/keyring.ts';
import { verifyChain } from '../lib/trust/chain.ts';
import type { NewIncarnation } from '../lib/trust/incarnation.ts';
import { keyNameOf } from '../lib/trust/keys.ts';
import { SampleCompany, sampleNowMs } from '../lib/trust/sample-company.ts';
import { TillIssuer } from '../lib/trust/till-issuer.ts';
import { freeRange } from './enrolling-tills.ts';
import type { Relay } from './relay.ts';
import { TerminalDetails } from './terminal-details.ts';

const S01 = 'S01' as StoreId;
const [T1, T2, T10] = ['T1', 'T2', 'T10'] as TerminalId[] as [TerminalId, TerminalId, TerminalId];
const range = { store: S01, terminal: T1, first: 10, last: 12 };

let company: SampleCompany;
/** T1; T10, which it let in; T2 in two lives, and another device of that name. */
let beginnings: Readonly<Record<'t1' | 't10' | 't2a' | 't2b' | 'other', NewIncarnation>>;
let issuingKey: string;
beforeAll(async () => {
  company = await SampleCompany.create('details');
  const t1 = await company.terminal('S01', 'T1');
  const t2 = await company.terminal('S01', 'T2');
  const publicKey = createPublicKey(t1.key);
  const { authority, random } = company;
  const own = await authority.issueEnroller(range, { publicKey, random, nowMs: sampleNowMs });
  const issuers = [own, ...authority.issuers];
  const till = new TillIssuer({ caDer: company.caDer, issuers, terminalKey: t1.key });
  const [issuing] = authority.issuers;
  issuingKey = keyNameOf(new X509Certificate(issuing ?? '').publicKey);
  beginnings = {
    t1: await company.incarnationOf(t1),
    t10: await company.incarnationOf(await company.terminal('S01', 'T10', till)),
    t2a: await company.incarnationOf(t2),
    t2b: await company.incarnationOf(t2),
    other: await company.incarnation('S01', 'T2'),
  };
});

let lives: Record<keyof typeof beginnings, Member>;
let keyring: Keyring;
let revoked: Map<string, Revocation>;
let linked: string[];
let said: Record<JournalKey, { seq: number }>;
let tips: Map<JournalKey, { seq: number }>;
let grants: EnrolGrant[];
let findings: Partial<FileFinding>[];
beforeEach(() => {
  findings = [];
  keyring = new Keyring((ders) => verifyChain(ders, company.caDer));
  const learn = ({ chain }: NewIncarnation) => keyring.learn(chain, 'A' as SeriesLetter);
  lives = {
    t1: learn(beginnings.t1),
    t2a: learn(beginnings.t2a),
    t2b: learn(beginnings.t2b),
    t10: learn(beginnings.t10),
    other: learn(beginnings.other),
  };
  revoked = new Map();
  linked = [];
  said = {};
  tips = new Map(Object.values(lives).map(({ identity }) => [journalKeyOf(identity), { seq: 10 }]));
  grants = [{ till: lives.t1.principal, range, issuers: [] }];
});

function details(): TerminalDetails {
  const of = ({ terminalKey, issuerKeys }: Member) =>
    revoked.get(terminalKey) ?? issuerKeys.map((key) => revoked.get(key)).find(Boolean);
  const relay = {
    replica: {
      keyring,
      revocations: { of },
      mesh: { peers: linked },
      voice: { presence: { of: () => ({ tips: said }) } },
      journals: {
        tip: (key: JournalKey) => tips.get(key) ?? { seq: 0 },
        tips: () => tips,
      },
    },
    readSide: () => ({
      models: {
        fileFindings: () => findings,
        documentsBetween: (_: JournalKey, above: number) => 4 - above,
        foundDocuments: () =>
          [12, 11, 9].map((seq) => ({
            journal: journalKeyOf(lives.t2b.identity),
            seq,
            number: `S01-T2A-S-${seq}`,
          })),
      },
    }),
  } as unknown as Relay;
  const health = (those: readonly Member[]) =>
    ({ principal: those.at(-1)?.principal, lives: those.length }) as TillHealth;
  return new TerminalDetails({ relay, health: { device: health }, grants: () => grants });
}

const revoke = ({ terminalKey, identity }: Member, known: Revocation['tips'] = {}) =>
  revoked.set(terminalKey, {
    type: 'revocation',
    store: S01,
    terminal: identity.terminal,
    terminalKey,
    reason: 'stolen',
    tips: known,
    at: formatHlc(7_000, 0),
  });

describe('the devices of a terminal', () => {
  it('say who let them in, when, and under which issuing key', () => {
    const [t1] = details().devices(S01, T1);
    expect(t1).toMatchObject({
      terminalKey: lives.t1.terminalKey,
      enrolledAtMs: sampleNowMs,
      letInBy: { kind: 'headOffice', issuerKey: issuingKey },
      letIn: [T10],
      lifeList: [{ principal: lives.t1.principal, letter: 'A', entries: 10, documents: 4 }],
    });
    expect(details().devices(S01, T10)).toMatchObject([
      {
        letInBy: {
          kind: 'till',
          till: 'S01-T1',
          tillKey: lives.t1.terminalKey,
          issuerKey: issuingKey,
        },
      },
    ]);
    expect(details().devices(S01, 'T7' as TerminalId)).toEqual([]);
  });

  it('of one name are apart by their keys, each with its lives, the revoked ones at the end', () => {
    const keys = () =>
      details()
        .devices(S01, T2)
        .map(({ terminalKey }) => terminalKey);
    expect(keys()).toEqual([lives.other.terminalKey, lives.t2a.terminalKey]);
    expect(
      details()
        .devices(S01, T2)[1]
        ?.lifeList.map(({ principal }) => principal),
    ).toEqual([lives.t2b.principal, lives.t2a.principal]);
    revoke(lives.other);
    expect(keys()).toEqual([lives.t2a.terminalKey, lives.other.terminalKey]);
  });

  it('have what they were given, and lose it with their life or their revocation', () => {
    const ranges = () => details().devices(S01, T1)[0]?.ranges;
    expect(ranges()).toEqual([{ first: 10, last: 12, used: [T10], counts: true }]);
    revoke(lives.t1);
    expect(ranges()).toMatchObject([{ counts: false }]);
    grants = [{ till: lives.t2a.principal, range, issuers: [] }];
    expect(details().devices(S01, T2)[1]?.ranges).toMatchObject([{ counts: false }]);
  });

  it('lack, while they are linked, what is here and not in their own word', () => {
    expect(details().devices(S01, T1)[0]).not.toHaveProperty('missingThere');
    linked = [lives.t1.principal];
    said = { [journalKeyOf(lives.t1.identity)]: { seq: 10 } };
    expect(details().devices(S01, T1)[0]?.missingThere).toBe(40);
    expect(details().entriesHere(S01)).toBe(50);
  });
});

it('X11: what a till found in its files stands with the device that said it, what is open first', () => {
  const [a, other] = [journalKeyOf(lives.t2a.identity), journalKeyOf(lives.other.identity)];
  const found = { code: 'FILE_EDITED', where: 'bars.json', wallMs: 9 };
  const checked = { by: 'sue', wallMs: 10, note: 'The service man' };
  findings = [
    { ...found, journal: a, checked, entrySeq: 4 },
    { ...found, journal: other },
    { ...found, journal: a, where: 'format.json' },
  ];
  const [second, first] = details().devices(S01, T2);
  expect(second?.findings).toEqual([found]);
  expect(first?.findings).toEqual([
    { ...found, where: 'format.json' },
    { ...found, seq: 4, checked },
  ]);
});

it('X11: many findings of one kind hide none of another', () => {
  const journal = journalKeyOf(lives.t2a.identity);
  const strange = Array.from({ length: limits.findingsShown + 5 }, (_, n) => ({
    code: 'FILE_STRANGE',
    where: `documents/${n}`,
    wallMs: 9,
    journal,
  }));
  const pins = { code: 'FILE_EDITED', where: 'wrong-pins.json', wallMs: 8, journal };
  findings = [...strange, pins];
  const shown = details().devices(S01, T2).at(-1)?.findings ?? [];
  expect(shown).toHaveLength(limits.findingsShown);
  expect(shown.map(({ where }) => where)).toEqual([
    ...strange.slice(0, limits.findingsShown - 1).map(({ where }) => where),
    'wrong-pins.json',
  ]);
});

describe('what is kept out', () => {
  it('says what came to light beyond what was known, by its documents', () => {
    const journal = journalKeyOf(lives.t2b.identity);
    const hash = 'h'.repeat(43) as never;
    revoke(lives.t2b, { [journal]: { seq: 9, hash } });
    tips.delete(journalKeyOf(lives.t2a.identity));
    tips.set(journal, { seq: 12 });
    expect(details().revoked(S01)).toEqual([
      {
        terminal: T2,
        terminalKey: lives.t2b.terminalKey,
        reason: 'stolen',
        atMs: 7_000,
        ofKey: lives.t2b.terminalKey,
        beyond: 3,
        beyondDocuments: ['S01-T2A-S-12', 'S01-T2A-S-11'],
      },
    ]);
  });

  it('names the till with which one went that it had let in', () => {
    revoke(lives.t1);
    const went = details().revoked(S01);
    expect(went.map(({ terminal, with: above }) => [terminal, above])).toEqual([
      [T10, 'S01-T1'],
      [T1, undefined],
    ]);
  });
});

it.each([
  [[], 10],
  [['T1', 'T9'], 10],
  [['T10', 'T35'], 20],
  [['T14', 'T20', 'T39'], 40],
] as const)('%j: the free range begins with T%i', (taken, first) => {
  expect(freeRange(taken as readonly string[] as TerminalId[])).toEqual({ first, last: first + 9 });
});
