import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { noCookie, sessionCookie, Sessions, tokenIn } from './sessions.ts';

function start() {
  const time = { ms: 5_000, wallMs: 0 };
  const clock = {
    wallMs: () => time.wallMs,
    monotonicMs: () => time.ms,
    zone: () => 'UTC',
    setTimer: () => ({ cancel() {} }),
  };
  return { time, sessions: new Sessions({ clock, random: randomBytes }) };
}

describe('sessions', () => {
  it('a token is 32 random bytes, and not to be found in the memory of the process that keeps it', () => {
    const { sessions } = start();
    const token = sessions.begin('ann');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(sessions.find(token)).toEqual({ operator: 'ann', state: 'open' });
    expect(inspect(sessions, { showHidden: true, depth: 9 })).not.toContain(token);
    expect(sessions.find(token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A'))).toBeUndefined();
    expect(sessions.find(undefined)).toBeUndefined();
  });

  it('fifteen minutes without use lock it; use puts that off, looking does not', () => {
    const { time, sessions } = start();
    const token = sessions.begin('ann');
    time.ms += limits.sessionIdleMs - 1;
    expect(sessions.openForMs(token)).toBe(1);
    sessions.touch(token);
    time.ms += limits.sessionIdleMs - 1;
    expect(sessions.find(token)?.state).toBe('open');
    time.ms += 1;
    expect(sessions.find(token)).toEqual({ operator: 'ann', state: 'locked' });
    sessions.touch(token);
    expect(sessions.find(token)?.state).toBe('locked');
    expect(sessions.openForMs(token)).toBe(0);
  });

  it('a machine that slept with its lid closed is locked, though its other clock stood still', () => {
    const { time, sessions } = start();
    const token = sessions.begin('ann');
    time.wallMs += limits.sessionIdleMs - 1;
    expect(sessions.openForMs(token)).toBe(1);
    time.wallMs += 1;
    expect(sessions.find(token)?.state).toBe('locked');
    // A clock that is set back opens nothing and keeps nothing open.
    time.wallMs = 0;
    expect(sessions.find(token)?.state).toBe('locked');
    const later = sessions.begin('ann');
    time.wallMs = -limits.sessionMs;
    time.ms += limits.sessionIdleMs;
    expect(sessions.find(later)?.state).toBe('locked');
  });

  it('sixteen hours end it, used or not', () => {
    const { time, sessions } = start();
    const token = sessions.begin('ann');
    const end = time.ms + limits.sessionMs;
    while (time.ms < end - limits.sessionIdleMs) {
      time.ms += limits.sessionIdleMs - 1;
      sessions.touch(token);
    }
    expect(sessions.find(token)?.state).toBe('open');
    expect(sessions.openForMs(token)).toBe(end - time.ms);
    time.ms = end;
    expect(sessions.find(token)).toBeUndefined();
  });

  it('locking and ending are at once, of that session alone', () => {
    const { sessions } = start();
    const [ann, omar] = [sessions.begin('ann'), sessions.begin('omar')];
    sessions.lock(ann);
    expect(sessions.find(ann)?.state).toBe('locked');
    expect(sessions.find(omar)?.state).toBe('open');
    sessions.end(ann);
    expect(sessions.find(ann)).toBeUndefined();
    const next = sessions.begin('ann', omar);
    expect(sessions.find(omar)).toBeUndefined();
    expect(sessions.find(next)?.operator).toBe('ann');
  });

  it('are bounded: the one that was not used for the longest makes room', () => {
    const { sessions } = start();
    const tokens = Array.from({ length: limits.sessions }, (_, n) => sessions.begin(`ann${n}`));
    sessions.touch(tokens[0]);
    const next = sessions.begin('omar');
    expect(
      [tokens[0], tokens[1], tokens[2], next].map((token) => sessions.find(token)?.state),
    ).toEqual(['open', undefined, 'open', 'open']);
  });

  it('are bounded for one person, too, who makes room for nobody but that person', () => {
    const { sessions } = start();
    const omar = sessions.begin('omar');
    const tokens = Array.from({ length: limits.sessionsPerOperator }, () => sessions.begin('ann'));
    sessions.touch(tokens[0]);
    tokens.push(sessions.begin('ann'));
    expect([omar, ...tokens].map((token) => sessions.find(token) !== undefined)).toEqual([
      true,
      true,
      false,
      ...tokens.slice(2).map(() => true),
    ]);
  });

  it('of the shop’s network lock after a time of their own, which a store may set', () => {
    const { time, sessions } = start();
    const lan = { door: 'lan', agent: 'Phone' } as const;
    const [phone, till] = [sessions.begin('ann', undefined, undefined, lan), sessions.begin('ann')];
    time.ms += limits.lanIdleMs;
    expect([sessions.find(phone)?.state, sessions.find(till)?.state]).toEqual(['locked', 'open']);
    const clock = { wallMs: () => time.wallMs, monotonicMs: () => time.ms, zone: () => 'UTC' };
    const set = new Sessions({
      clock: { ...clock, setTimer: () => ({ cancel() {} }) },
      random: randomBytes,
      lanIdleMs: () => 1_000,
    });
    const quick = set.begin('ann', undefined, undefined, lan);
    expect(set.openForMs(quick)).toBe(1_000);
    time.ms += 1_000;
    expect(set.find(quick)?.state).toBe('locked');
  });

  it('are listed without what opens them, and ended by their names in that list', () => {
    const { time, sessions } = start();
    const ann = sessions.begin('ann', undefined, 'mark', { door: 'lan', agent: 'x'.repeat(999) });
    time.wallMs += 60_000;
    const omar = sessions.begin('omar');
    time.wallMs += 60_000;
    sessions.touch(ann);
    const list = sessions.list();
    expect(list).toEqual([
      expect.objectContaining({ operator: 'omar', door: 'here', beganWallMs: 60_000 }),
      {
        id: sessions.idOf(ann),
        operator: 'ann',
        mark: 'mark',
        door: 'lan',
        agent: 'x'.repeat(limits.agentCharacters),
        beganWallMs: 0,
        touchedWallMs: 120_000,
        isLocked: false,
      },
    ]);
    for (const token of [ann, omar]) expect(JSON.stringify(list)).not.toContain(token);
    let closed = 0;
    const stop = sessions.onClosed(() => closed++);
    expect(sessions.endAll(['nobody'])).toBe(0);
    expect(sessions.endAll([sessions.idOf(ann) ?? ''])).toBe(1);
    expect(sessions.find(ann)).toBeUndefined();
    expect(sessions.find(omar)).toBeDefined();
    expect(sessions.idOf(ann)).toBeUndefined();
    sessions.lock(omar);
    expect(closed).toBe(2);
    stop();
    time.ms += limits.sessionMs;
    expect(sessions.list()).toEqual([]);
  });
});

describe('the cookie', () => {
  const token = 'A'.repeat(43);

  it('is for this port, this site and no script, and ends with the browser', () => {
    expect(sessionCookie(token, 4100)).toBe(
      `tillmesh-4100=${token}; Path=/; HttpOnly; SameSite=Strict`,
    );
    expect(noCookie(4100)).toMatch(/^tillmesh-4100=; .*Max-Age=0$/);
  });

  it('of the shop’s network is for https alone, and no token of the one door opens the other', () => {
    const { sessions } = start();
    const lan = { kind: 'lan', port: 4443 } as const;
    const ofLan = sessions.begin('ann', undefined, undefined, { door: 'lan', agent: '' });
    const ofTill = sessions.begin('ann');
    expect(sessionCookie(ofLan, lan)).toBe(
      `__Host-tillmesh-4443=${ofLan}; Path=/; Secure; HttpOnly; SameSite=Strict`,
    );
    expect(noCookie(lan)).toMatch(/^__Host-tillmesh-4443=; Path=\/; Secure; .*Max-Age=0$/);
    expect(tokenIn(`__Host-tillmesh-4443=${ofLan}`, lan)).toBe(ofLan);
    expect(tokenIn(`tillmesh-4443=${ofLan}`, lan)).toBeUndefined();
    expect(tokenIn(`__Host-tillmesh-4443=${ofTill}`, lan)).toBeUndefined();
    expect(tokenIn(`tillmesh-4443=${ofLan}`, 4443)).toBeUndefined();
    // Without its mark it is another token.
    expect(sessions.find(ofLan.slice(4))).toBeUndefined();
  });

  it.each([
    [`tillmesh-4100=${token}`, token],
    [`a=b; tillmesh-4101=${'B'.repeat(43)}; tillmesh-4100=${token}; c=d`, token],
    [undefined, undefined],
    ['', undefined],
    [`tillmesh-4101=${token}`, undefined],
    [`xtillmesh-4100=${token}`, undefined],
    [`tillmesh-4100=${token}x`, undefined],
    [`tillmesh-4100="${token}"`, undefined],
    [`tillmesh-4100=${token}; tillmesh-4100=${token}`, undefined],
    ['tillmesh-4100=', undefined],
  ])('%s', (header, found) => expect(tokenIn(header, 4100)).toBe(found));
});
