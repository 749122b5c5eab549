import { expect, test } from 'vitest';
import type { MeshEvent } from '#lib/host/mesh-news.ts';
import type { PeerView } from '#lib/host/till-services.ts';
import {
  clockWord,
  delayWord,
  linkWord,
  nameOf,
  newsWords,
  revokedSentences,
  sentencesFor,
  whyNotLinked,
} from './sync-words.ts';

const nowMs = new Date(2026, 10, 20, 14, 3).getTime();
const goneAtMs = new Date(2026, 10, 20, 13, 51, 2).getTime();
const peer = (name: string, more: Partial<PeerView> = {}): PeerView => ({
  principal: `${name}-00112233445566aa`,
  terminal: name.split('-')[1] ?? name,
  isRelay: name.startsWith('HQ'),
  linked: true,
  cut: false,
  dials: [],
  waiting: 0,
  ...more,
});
const away = { linked: false, goneAtMs };
const till = peer('S01-T2');
const hq = peer('HQ-HQ1');
const said = (peers: readonly PeerView[], onlyHere: number, forHq: number, forArchive: number) =>
  sentencesFor({ peers, onlyHere, waitingForHq: forHq, waitingForArchive: forArchive }, nowMs).map(
    ({ kind, text }) => `${kind}: ${text}`,
  );

test('P10: all archived is one sentence', () => {
  expect(said([till, hq], 0, 0, 0)).toEqual([
    'good: Everything recorded on this till is in the archive of head office.',
  ]);
});

test('P10: head office away says since when, and that other tills hold everything', () => {
  expect(said([till, peer('HQ-HQ1', away)], 0, 14, 14)).toEqual([
    'good: Every document of this till is on another till or at head office.',
    'note: 14 documents wait for head office, which has been away since 13:51:02.',
  ]);
  expect(said([till, peer('HQ-HQ1', away)], 0, 0, 0)[1]).toMatch(
    /^note: Head office has been away/,
  );
  expect(said([till], 0, 1, 1)[1]).toBe(
    'note: 1 document waits for head office, which is out of reach.',
  );
});

test('a link to head office that somebody has cut is named as that, with who and when, and can be mended there', () => {
  const cutBy = { name: 'Omar', wallMs: goneAtMs };
  const relay = peer('HQ-HQ1', { ...away, cut: true, cutBy });
  expect(said([till, relay], 0, 14, 14)[1]).toBe(
    'note: 14 documents wait for head office: cut by Omar at 13:51:02. Mend the link, and they are sent.',
  );
  expect(said([till, relay], 0, 0, 0)[1]).toMatch(/^note: Head office: cut by Omar at 13:51:02/);
  const mesh = { peers: [relay], onlyHere: 0, waitingForHq: 1, waitingForArchive: 1 };
  expect(sentencesFor(mesh, nowMs).find((one) => one.cut)?.cut).toBe(relay);
  // Another relay that is linked takes everything in.
  expect(sentencesFor({ ...mesh, peers: [relay, hq] }, nowMs).some((one) => one.cut)).toBe(false);
});

test.each([
  ['S01-T2-00112233445566aa', 'T2'],
  ['S01-T2', 'T2'],
  ['HQ-HQ1-00112233445566aa', 'HQ1'],
  ['10.0.0.7:4101', '10.0.0.7:4101'],
  [undefined, ''],
])('%s is called %s', (peerOrNothing, name) => {
  expect(nameOf(peerOrNothing)).toBe(name);
});

test('P10: red is for what exists here only while nobody is linked', () => {
  const [first] = said([peer('S01-T2', away), peer('HQ-HQ1', away)], 2, 5, 5);
  expect(first).toBe(
    'risk: 2 documents exist on this till only. Keep it running until another one has them.',
  );
  expect(said([till, hq], 2, 2, 2)[0]).toMatch(/^busy: 2 documents exist/);
});

test('P10: what head office has and the archive has not is counted apart', () => {
  expect(said([till, hq], 0, 1, 4)).toEqual([
    'good: Every document of this till is on another till or at head office.',
    'busy: 1 document waits for head office, which is linked: it is on the way.',
    'busy: 3 documents are at head office and wait for the archive.',
  ]);
});

test.each([
  [{}, 'Linked'],
  [{ linked: false }, 'No answer'],
  [away, 'Away since 13:51:02'],
  [{ ...away, cut: true }, 'Cut by hand'],
])('a link %j reads %s', (more, word) => {
  expect(linkWord(peer('S01-T2', more), nowMs)).toBe(word);
});

test.each([
  [undefined, ''],
  [0.2, '1 ms'],
  [12.4, '12 ms'],
  [1_234, '1,234 ms'],
])('a delay of %s reads %s', (latencyMs, word) => {
  expect(delayWord(peer('S01-T2', latencyMs === undefined ? {} : { latencyMs }))).toBe(word);
});

test.each([
  [undefined, ''],
  [-400, 'Same'],
  [61_000, '61 seconds ahead'],
  [-300_000, '5 minutes behind'],
])('a clock %s ms off reads %s', (clockOffsetMs, word) => {
  expect(clockWord(peer('S01-T2', clockOffsetMs === undefined ? {} : { clockOffsetMs }))).toBe(
    word,
  );
});

const dial = { host: '192.168.1.5', port: 3001, attempts: 12, nextTryAtMs: nowMs + 8_000 };

test.each([
  [{}, []],
  [{ ...away, cut: true, refused: 'cut' }, []],
  [
    { ...away, dials: [{ ...dial, cause: 'noAnswer' }] },
    ['No answer at 192.168.1.5:3001 · 12 tries · next one at 14:03:08'],
  ],
  [
    { ...away, dials: [{ host: 'fd00::5', port: 4101, attempts: 1, cause: 'otherCompany' }] },
    ['Certificate from another company at [fd00::5]:4101 · 1 try · trying now'],
  ],
  [away, ['No address of it is known: this till waits until it calls']],
  [
    { ...away, refused: 'barred', dials: [dial] },
    [
      'Barred: it sent what no honest till sends. It is let back in below, once somebody has looked at it.',
    ],
  ],
] as const)('what waits for whom and why: %j reads %j', (more, lines) => {
  expect(whyNotLinked(peer('S01-T2', more))).toEqual(lines);
});

test.each([
  [{ kind: 'clockOffset', offsetMs: -90_500 }, 'Its clock is 91 seconds behind this one.'],
  [
    { kind: 'release', n: 7, products: 20_000 },
    'Release 7 of head office is in force (20,000 products).',
  ],
  [
    { kind: 'dialFailed', host: '10.0.0.9', port: 1, cause: 'noWay' },
    'This machine has no way to 10.0.0.9:1.',
  ],
  [{ kind: 'error' }, 'Something went wrong; the log says more.'],
  [{ kind: 'toString' }, 'Something that this page has no words for (toString).'],
])('the event %j reads “%s”', (news, sentence) => {
  expect(newsWords({ wallMs: 0, ...news } as MeshEvent)).toBe(sentence);
});

test('a till that was revoked is said to record nothing, and what only it holds is all that waits', () => {
  expect(revokedSentences({ onlyHere: 0 }).map(({ kind }) => kind)).toEqual(['risk', 'good']);
  const [first, second] = revokedSentences({ onlyHere: 3 });
  expect(first?.text).toMatch(/nothing is recorded here any more/);
  expect(second).toMatchObject({ kind: 'risk', text: expect.stringMatching(/^3 documents exist/) });
});

test('the revocation of another till is news, with its own time', () => {
  const atMs = Date.UTC(2026, 10, 20, 12, 5);
  const event: MeshEvent = { kind: 'revoked', writer: 'S01-T2', reason: 'stolen', atMs, wallMs: 9 };
  expect(newsWords(event)).toMatch(/^Head office revoked S01-T2 on .*because it was stolen:/);
});
