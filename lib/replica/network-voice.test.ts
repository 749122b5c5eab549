import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EntryHash, type JournalKey, type Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { peerIdOf, shapes, type OwnContents, type OwnMessage } from '../mesh/protocol.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { NetworkVoice, voiceTiming, type ArchivedWord } from './network-voice.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
let relay: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('voice');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
  relay = await company.incarnation('HQ', 'HQ1');
});

let here: SampleReplica;
let voice: NetworkVoice;
let sent: { to: Principal; contents: OwnContents }[];
let resets: [Principal, JournalKey][];
let offsets: [Principal, number][];
let archived: ArchivedWord | undefined;
let key: JournalKey;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
  [sent, resets, offsets, archived] = [[], [], [], undefined];
  const peers = [peer.principal, relay.principal];
  voice = new NetworkVoice({
    journals: here.journals,
    clock: here.clock,
    version: '1.2.3',
    instance: 'instance-1',
    release: () => 7,
    archived: () => archived,
    send: (to, contents) => {
      sent.push({ to, contents });
      return true;
    },
    peers: () => peers,
    mayHave: (who, journal) => who === relay.principal || journal.startsWith('S01/'),
    reset: (who, journal) => resets.push([who, journal]),
    onClockOffset: (who, offsetMs) => offsets.push([who, offsetMs]),
    timing: voiceTiming,
  });
  key = here.own.key;
  for (let n = 1; n <= 4; n++)
    here.own.append({ type: 'SaleCompleted', body: { n }, command: `command-${n}`, by: 'ann' });
});

const tipOf = (seq: number) => ({ seq, hash: here.arrivals[seq - 1]?.entries[0]?.hash ?? '' });
const said = (type: OwnContents['type']) =>
  sent.splice(0).flatMap(({ to, contents }) => (contents.type === type ? [{ to, contents }] : []));

function hear(contents: object, from: NewIncarnation): void {
  const frame = {
    ...contents,
    senderId: peerIdOf(from.principal),
    targetId: peerIdOf(till.principal),
  };
  voice.heard(frame as unknown as OwnMessage, from.principal);
}
const copies = (tip: object) => ({ type: 'tillmesh/copies', tips: { [key]: tip } });
const presence = (more: object = {}) => ({
  type: 'tillmesh/presence',
  instance: 'instance-2',
  version: '1.2.3',
  clock: formatHlc(here.clock.wallMs(), 0),
  tips: {},
  ...more,
});

describe('what a replica says', () => {
  it('says at link-up what it is, what it has, and what of it is on disk', () => {
    voice.linked(peer.principal);
    const [hello, held] = sent.map(({ contents }) => contents);
    expect(hello).toMatchObject({
      type: 'tillmesh/presence',
      instance: 'instance-1',
      version: '1.2.3',
      release: 7,
      tips: { [key]: { segment: 1, ...tipOf(4) } },
    });
    expect(held).toEqual({ type: 'tillmesh/copies', tips: { [key]: tipOf(4) } });
    expect(hello).not.toHaveProperty('archived');
  });

  it('P10: foreign entries that reached the disk are confirmed to all, once per turn of the loop', async () => {
    for (let n = 0; n < 50; n++) voice.stored(key);
    expect(sent).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(said('tillmesh/copies').map(({ to }) => to)).toEqual([peer.principal, relay.principal]);
  });

  it('says nothing of journals that a peer may not have', async () => {
    voice.stored('S02/T1/00000000000000aa' as JournalKey);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
  });
});

describe('a replica of many stores and lives', () => {
  const lives = limits.tipsPerMessage + 10;
  const keyOf = (store: string, n: number) =>
    `${store}/T1/${n.toString(16).padStart(16, '0')}` as JournalKey;
  const isRead = (contents: OwnContents) =>
    shapes[contents.type].safeParse({
      ...contents,
      senderId: peerIdOf(till.principal),
      targetId: peerIdOf(peer.principal),
    }).success;

  beforeEach(() => {
    const tip = { segment: 1, seq: 1, hash: 'A'.repeat(43) as EntryHash };
    const tips = new Map<JournalKey, typeof tip>();
    for (const store of ['S02', 'S01'])
      for (let n = 0; n < lives; n++) tips.set(keyOf(store, n), tip);
    here.journals.tips = () => tips;
    here.journals.tip = () => tip;
    here.journals.keys = () => [...tips.keys()];
    archived = {
      archive: 'main',
      generation: 1,
      tips: Object.fromEntries(tips),
    };
  });

  it('M5: tells a till of its own store only, and nobody more than a message may hold', () => {
    voice.linked(peer.principal);
    for (const { contents } of sent) {
      expect(isRead(contents)).toBe(true);
      const words = [contents, 'archived' in contents ? contents.archived : undefined];
      for (const word of words)
        if (word && 'tips' in word)
          expect(Object.keys(word.tips).filter((key) => key.startsWith('S02/'))).toEqual([]);
    }
  });

  it('P10: confirms every copy, in as many messages as it takes', () => {
    voice.linked(relay.principal);
    const confirmed = said('tillmesh/copies').flatMap(({ contents }) => {
      expect(isRead(contents)).toBe(true);
      return contents.type === 'tillmesh/copies' ? Object.keys(contents.tips) : [];
    });
    expect(new Set(confirmed).size).toBe(2 * lives);
  });
});

describe('P10: how far the own entries are', () => {
  beforeEach(() => {
    for (const who of [peer, relay]) voice.linked(who.principal);
  });

  it('a peer’s word replaces what it said before, and a relay’s counts as HQ', () => {
    hear(copies(tipOf(3)), peer);
    hear(copies(tipOf(2)), relay);
    expect(voice.reach(key)).toEqual({ onPeers: 3, atHq: 2, archived: 0 });
    expect(voice.copies(key, 3)).toMatchObject({ onPeers: 1, atHq: false });
    expect(voice.copies(key, 2)).toMatchObject({ onPeers: 1, atHq: true });
    hear(copies(tipOf(1)), peer);
    expect(voice.reach(key)).toMatchObject({ onPeers: 1 });
  });

  it('a word about another entry than ours confirms nothing', () => {
    hear(copies({ seq: 3, hash: 'B'.repeat(43) }), peer);
    expect(voice.reach(key)).toEqual({ onPeers: 0, atHq: 0, archived: 0 });
    expect(voice.copies(key, 3)).toMatchObject({ onPeers: 0 });
  });

  it('a new life of the peer voids its word', async () => {
    hear(copies(tipOf(4)), peer);
    expect(voice.reach(key).onPeers).toBe(4);
    const again = await company.incarnation('S01', 'T2');
    voice.linked(again.principal);
    expect(voice.copies(key, 4)).toMatchObject({ onPeers: 0 });
  });

  it('the archive’s word comes by presence, and a new generation voids the old one', () => {
    const word = (generation: number, seq: number) => ({
      archived: { archive: 'main', generation, tips: { [key]: tipOf(seq) } },
    });
    hear(presence(word(1, 4)), relay);
    expect(voice.reach(key).archived).toBe(4);
    expect(voice.archived).toMatchObject({ archive: 'main', generation: 1 });
    hear(presence(word(2, 1)), relay);
    expect(voice.reach(key).archived).toBe(1);
  });
});

describe('what a replica makes of presence', () => {
  it('a pair that makes no progress is begun anew after its patience', () => {
    voice.linked(peer.principal);
    const behind = presence({ tips: { [key]: { segment: 1, ...tipOf(2) } } });
    hear(behind, peer);
    here.clock.nowMs += voiceTiming.patienceMs - 1;
    hear(behind, peer);
    expect(resets).toEqual([]);
    here.clock.nowMs += 2;
    hear(behind, peer);
    expect(resets).toEqual([[peer.principal, key]]);
  });

  it('a pair that moves is left alone', () => {
    voice.linked(peer.principal);
    for (const seq of [1, 2, 3, 4]) {
      hear(presence({ tips: { [key]: { segment: 1, ...tipOf(seq) } } }), peer);
      here.clock.nowMs += voiceTiming.patienceMs - 1;
    }
    expect(resets).toEqual([]);
  });

  /** A word on the peer's clock, two seconds after the one before. */
  const clockWord = (offsetMs: number): void => {
    here.clock.nowMs += 2_000;
    hear(presence({ clock: formatHlc(here.clock.wallMs() + offsetMs, 0) }), peer);
  };
  const clockIs = (offsetMs: number): void => {
    for (let n = 0; n < limits.clockSamples; n++) clockWord(offsetMs);
  };

  it('P5: a clock that is off is told once, again when it moved far, and once when it is right again', () => {
    voice.linked(peer.principal);
    clockIs(limits.clockDriftMs - 1);
    expect(offsets).toEqual([]);
    clockIs(-limits.clockDriftMs);
    expect(offsets).toEqual([[peer.principal, -limits.clockDriftMs]]);
    // At the edge it is still the same clock that is off.
    clockIs(-limits.clockSettledMs);
    expect(offsets).toHaveLength(1);
    clockIs(-limits.clockDriftMs - limits.clockChangedMs);
    expect(offsets).toHaveLength(2);
    clockIs(5);
    clockIs(5);
    expect(offsets).toHaveLength(3);
    expect(offsets.at(-1)).toEqual([peer.principal, 5]);
  });

  it('one late word tells nothing of a clock', () => {
    voice.linked(peer.principal);
    clockWord(-90_000);
    clockIs(3);
    clockWord(-90_000);
    expect(offsets).toEqual([]);
    expect(voice.clockOffsetMs(peer.principal)).toBe(3);
  });

  it('P10: of what a peer wrote itself its presence is the word, and lasts as long as any other', () => {
    const own = `S01/T1/${'0'.repeat(16)}` as JournalKey;
    const twin = { ...till, principal: `S01-T1-${'0'.repeat(16)}` as Principal };
    voice.linked(peer.principal);
    hear(presence({ tips: { [key]: { segment: 1, ...tipOf(3) } } }), peer);
    // Not its own journal: it has to be confirmed.
    expect(voice.confirmedBy(peer.principal, key)).toBe(0);
    voice.linked(twin.principal);
    hear(presence({ tips: { [key]: { segment: 1, ...tipOf(3) }, [own]: tipOf(1) } }), twin);
    expect(voice.confirmedBy(twin.principal, key)).toBe(3);
    voice.unlinked(twin.principal);
    expect(voice.confirmedBy(twin.principal, key)).toBe(3);
    voice.linked(twin.principal);
    expect(voice.confirmedBy(twin.principal, key)).toBe(0);
  });

  it('a linked peer’s clock is known by its words, and no longer than its link', () => {
    clockIs(7);
    expect(voice.clockOffsetMs(peer.principal)).toBeUndefined();
    voice.linked(peer.principal);
    clockIs(7);
    expect(voice.clockOffsetMs(peer.principal)).toBe(7);
    clockIs(-40);
    expect(voice.clockOffsetMs(peer.principal)).toBe(-40);
    voice.unlinked(peer.principal);
    expect(voice.clockOffsetMs(peer.principal)).toBeUndefined();
  });

  it('P10: a confirmed copy lasts longer than the link', () => {
    voice.linked(peer.principal);
    expect(voice.confirmedBy(peer.principal, key)).toBe(0);
    hear(copies(tipOf(3)), peer);
    expect(voice.confirmedBy(peer.principal, key)).toBe(3);
    voice.unlinked(peer.principal);
    expect(voice.confirmedBy(peer.principal, key)).toBe(3);
  });
});
