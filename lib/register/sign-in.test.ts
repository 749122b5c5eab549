import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { ScreenGate } from '../host/screen-gate.ts';
import { Sessions } from '../host/sessions.ts';
import { record, makeTill, openDesk, openPins, annsHash, omarsHash } from './sample-sign-in.ts';

describe('signing in', () => {
  it('P2: knows the operators and their PINs with nothing but the release', async () => {
    const desk = openDesk(makeTill());
    expect(desk.operators().map((each) => each.name)).toEqual(['Ann', 'Newcomer', 'Oddly', 'Omar']);
    expect(await desk.signIn('ann', '1111')).toEqual({
      outcome: 'done',
      operator: { id: 'ann', name: 'Ann', roles: ['cashier'] },
    });
    expect(await desk.signIn('ann', '2222')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
    expect(await desk.signIn('nobody', '1111')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
  });

  it.each(['new', 'odd'])('nobody signs in as %s, who has no PIN of a known form', async (id) => {
    const desk = openDesk(makeTill());
    expect(await desk.signIn(id, 'plain text')).toMatchObject({ code: 'PIN_WRONG' });
  });

  it('X12: the hash of a PIN leaves the organisation by no door', () => {
    const till = makeTill();
    const desk = openDesk(till);
    const seen = [
      JSON.stringify([till.org, till.org.operators(), till.org.operator('ann'), desk.operators()]),
      inspect([till.org, till.org.operators(), desk], { depth: 9, showHidden: true }),
    ].join();
    expect(seen).toContain('Ann');
    expect(seen).not.toContain('argon2');
    expect(seen).not.toContain(annsHash.slice(-20));
  });

  it('a session is over when the PIN was changed, or the id is somebody else’s; other releases leave it', () => {
    const till = makeTill();
    const gate = new ScreenGate(new Sessions({ ...till, random: randomBytes }), openDesk(till));
    const begun = gate.begin('ann', undefined);
    const publish = (name: string, pinHash: string) =>
      till.org.replace(new Map([record('ann', name, 'supervisor', pinHash)]));
    publish('Ann', annsHash);
    expect(gate.caller(begun)).toMatchObject({ id: 'ann', roles: ['supervisor'] });
    publish('Ann', omarsHash);
    expect(gate.view(begun)).toEqual({ state: 'none' });
    const again = gate.begin('ann', undefined);
    publish('Anton', omarsHash);
    expect(gate.view(again)).toEqual({ state: 'none' });
    // It does not come back with the name.
    publish('Ann', omarsHash);
    expect(gate.view(again)).toEqual({ state: 'none' });
  });

  it('who is taken off the list while the PIN is checked is not signed in', async () => {
    const till = makeTill();
    const answer = openDesk(till).signIn('ann', '1111');
    await Promise.resolve();
    await Promise.resolve();
    till.org.replace(new Map([record('omar', 'Omar', 'supervisor', omarsHash)]));
    expect(await answer).toMatchObject({ code: 'PIN_WRONG' });
  });
});

describe('X1: wrong PINs', () => {
  it('five are free, then waits grow, the tenth locks; the right PIN does not pass a wait, and resets', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    const waits: unknown[] = [];
    for (let n = 1; n <= limits.pinTries; n++) {
      const answer = await desk.signIn('ann', '0000');
      if (answer.outcome === 'done') throw new Error('signed in');
      waits.push([answer.code, answer.retryAfterMs]);
      if (answer.retryAfterMs === undefined) continue;
      const early = await desk.signIn('ann', '1111');
      expect(early).toMatchObject({
        code: n < limits.pinTries ? 'PIN_DELAYED' : 'PIN_LOCKED',
        retryAfterMs: answer.retryAfterMs,
      });
      till.clock.pass(answer.retryAfterMs - 1);
      expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'refused' });
      till.clock.pass(1);
    }
    expect(waits).toEqual([
      ...Array.from({ length: 4 }, () => ['PIN_WRONG', undefined]),
      ...[5, 10, 20, 40, 80].map((seconds) => ['PIN_WRONG', seconds * 1_000]),
      ['PIN_LOCKED', 1_800_000],
    ]);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
    for (let n = 0; n < 4; n++) {
      expect(await desk.signIn('ann', '0000')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
    }
  });

  it('four guesses at once count as four', async () => {
    const desk = openDesk(makeTill());
    const codes = async () => {
      const answers = Array.from({ length: 4 }, () => desk.signIn('ann', '0000'));
      return (await Promise.all(answers)).map((each) => each.outcome === 'refused' && each.code);
    };
    expect(await codes()).toEqual(['PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG']);
    expect(await codes()).toEqual(['PIN_WRONG', 'PIN_DELAYED', 'PIN_DELAYED', 'PIN_DELAYED']);
  });

  it('a flood is turned away before it takes memory, and is not checked', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    const flood = Array.from({ length: 200 }, (_, n) => desk.signIn(`guess-${n}`, '1111'));
    const answers = await Promise.all(flood);
    const checked = answers.filter(
      (each) => each.outcome === 'refused' && each.code === 'PIN_WRONG',
    );
    expect(checked.length).toBe(limits.pinFreeTries);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
  });

  it('says who has to wait, and for how long, to whoever looks at the names', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    expect(desk.pinWaits()).toEqual([]);
    for (let n = 0; n < limits.pinFreeTries; n++) await desk.signIn('ann', '9999');
    expect(desk.pinWaits()).toEqual([
      { operator: 'ann', code: 'PIN_DELAYED', retryAfterMs: limits.pinDelayMs },
    ]);
    till.clock.pass(1_000);
    expect(desk.pinWaits()[0]?.retryAfterMs).toBe(limits.pinDelayMs - 1_000);
    desk.unlock('ann', 'omar');
    expect(desk.pinWaits()).toEqual([]);
  });

  it('each operator has an own count: the supervisor signs in while a cashier is locked, and lifts it', async () => {
    const till = makeTill();
    const pins = openPins(till.disk, till.clock);
    for (let n = 0; n < limits.pinTries; n++) pins.count('ann', true);
    const desk = openDesk(till);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
    expect(await desk.signIn('omar', '2222')).toMatchObject({ outcome: 'done' });
    expect(desk.unlock('ann', 'new')).toBe(false);
    expect(desk.unlock('ann', 'ann')).toBe(false);
    expect(desk.unlock('nobody', 'omar')).toBe(false);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
    expect(desk.unlock('ann', 'omar')).toBe(true);
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
  });

  it('a try is on disk before its answer: a power cut after any answer keeps every count', async () => {
    const till = makeTill();
    for (let n = 1; n < limits.pinFreeTries; n++) {
      expect(await openDesk(till).signIn('ann', '0000')).toMatchObject({ code: 'PIN_WRONG' });
      till.disk.crash();
    }
    await openDesk(till).signIn('ann', '0000');
    till.disk.crash();
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ code: 'PIN_DELAYED' });
  });

  it('and before its check: ending the process during the check gains nothing', async () => {
    const till = makeTill();
    for (let n = 0; n < limits.pinFreeTries; n++) {
      const answer = openDesk(till).signIn('ann', '0000');
      await Promise.resolve();
      // Here the process dies; what the check would have said is never heard.
      till.disk.crash();
      await answer;
    }
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ code: 'PIN_DELAYED' });
  });

  it('a try that the disk does not take is not checked; the right PIN of a till that just filled up stands', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    till.disk.setCapacity(0);
    await expect(desk.signIn('ann', '1111')).rejects.toMatchObject({ code: 'DISK_FULL' });
    till.disk.setCapacity(Number.MAX_SAFE_INTEGER);
    const answer = desk.signIn('ann', '1111');
    await Promise.resolve();
    till.disk.setCapacity(0);
    expect(await answer).toMatchObject({ outcome: 'done' });
    expect(till.fatal).toEqual([]);
  });

  it('a disk that does not confirm ends the process', async () => {
    const till = makeTill();
    till.disk.fail({ nth: 1, kind: 'EIO', only: ['fdatasync'] });
    await expect(openDesk(till).signIn('ann', '1111')).rejects.toMatchObject({
      code: 'DISK_FAILED',
    });
    expect(till.fatal).toHaveLength(1);
  });
});
