/** X1: ten wrong PINs for each name must not close a shop: somebody always comes in within minutes and lifts the locks. */
import { expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import {
  annsHash,
  makeTill,
  omarsHash,
  openDesk,
  openPins,
  record,
  type Till,
} from './sample-sign-in.ts';

function tillOf(...seniors: readonly string[]): Till {
  const till = makeTill();
  const people = seniors.map((id) => record(id, id, 'supervisor', omarsHash));
  till.org.replace(new Map([record('ann', 'Ann', 'cashier', annsHash), ...people]));
  return till;
}
/** Ten wrong ones at every name, as somebody types who wants the till closed. */
function lockAll(till: Till, ...names: readonly string[]) {
  const pins = openPins(till.disk, till.clock);
  for (const name of names) for (let n = 0; n < limits.pinTries; n++) pins.count(name, true);
  return openDesk(till);
}

it('the last one who may lift locks waits for five minutes, over a restart too, and then opens the till to all', async () => {
  const till = tillOf('omar');
  let desk = lockAll(till, 'omar', 'ann');
  const early = await desk.signIn('omar', '2222');
  expect(early).toEqual({
    outcome: 'refused',
    code: 'PIN_DELAYED',
    retryAfterMs: limits.pinLastWaitMs,
  });
  expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
  till.clock.pass(limits.pinLastWaitMs - 1);
  till.clock.monotonic = 7;
  desk = openDesk(till);
  expect(desk.pinWaits()).toContainEqual({
    operator: 'omar',
    code: 'PIN_DELAYED',
    retryAfterMs: 1,
  });
  till.clock.pass(1);
  expect(await desk.signIn('omar', '2222')).toMatchObject({ outcome: 'done' });
  expect(desk.unlock('ann', 'omar')).toBe(true);
  expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
});

it('while another supervisor can come in, a supervisor is locked like anybody', async () => {
  const till = tillOf('omar', 'olga');
  const desk = lockAll(till, 'omar');
  expect(await desk.signIn('omar', '2222')).toMatchObject({ code: 'PIN_LOCKED' });
  expect(await desk.signIn('olga', '2222')).toMatchObject({ outcome: 'done' });
  const both = tillOf('omar', 'olga');
  const all = lockAll(both, 'omar', 'olga', 'ann');
  for (const name of ['omar', 'olga'])
    expect(await all.signIn(name, '2222')).toMatchObject({ code: 'PIN_DELAYED' });
  expect(await all.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
});

it('gains little for whoever guesses: ten tries, then one in five minutes', async () => {
  const till = tillOf('omar');
  till.org.isPinOf = () => Promise.resolve(false);
  const desk = openDesk(till);
  let guesses = 0;
  for (const end = till.clock.wall + 6 * 3_600_000; till.clock.wall < end;) {
    const answer = await desk.signIn('omar', '0000');
    if (answer.outcome === 'done') throw new Error('signed in');
    if (answer.code === 'PIN_WRONG' || answer.retryAfterMs === limits.pinLastWaitMs) guesses++;
    till.clock.pass(answer.retryAfterMs ?? 0);
  }
  expect(guesses).toBeGreaterThan(limits.pinTries);
  expect(guesses).toBeLessThanOrEqual(limits.pinTries + (6 * 60) / 5);
});
