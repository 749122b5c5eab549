import { expect, test, vi } from 'vitest';
import { VirtualClock } from '../../tests/simulation/virtual-clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Check, checked } from '../host/checks/check.ts';
import { SelfTest, type SelfTestStep } from './self-test.ts';

const fine = checked('disk-space', 'ok', { found: 'space', freeBytes: 1 });
const step = (check: SelfTestStep['check'], run: SelfTestStep['run']): SelfTestStep => ({
  check,
  run,
});

test('runs on demand, tells of each step when it has ended, and keeps the last result', async () => {
  const clock = new VirtualClock();
  const { promise, resolve } = Promise.withResolvers<readonly Check[]>();
  const self = new SelfTest(clock, [
    step('disk-space', () => [fine]),
    step('clock', () => promise),
  ]);
  expect(self.selfTest()).toBeUndefined();
  expect(self.startSelfTest()).toMatchObject({
    running: true,
    steps: [{ check: 'disk-space' }, { check: 'clock' }],
  });
  await vi.waitFor(() => expect(self.selfTest()?.steps[0]).toHaveProperty('checks', [fine]));
  expect(self.selfTest()).toMatchObject({ running: true });
  expect(self.selfTest()?.steps[1]).not.toHaveProperty('checks');
  // A second one joins the first.
  expect(self.startSelfTest().steps[0]).toHaveProperty('checks', [fine]);
  resolve([]);
  await vi.waitFor(() => expect(self.selfTest()).toMatchObject({ running: false }));
  expect(self.startSelfTest()).toMatchObject({ running: true });
});

test('a step that hangs is given up and told so; one that breaks is a line, without its message', async () => {
  const clock = new VirtualClock();
  let gaveUp = false;
  const self = new SelfTest(clock, [
    step('relay-port', (signal) => {
      signal.addEventListener('abort', () => (gaveUp = true));
      return new Promise(() => undefined);
    }),
    step('witness', () => {
      throw new Error('/home/shop/secret');
    }),
    step('figures', () => {
      throw new TillmeshError('BEGINNING_ANEW', '/home/shop/secret');
    }),
  ]);
  self.startSelfTest();
  await vi.waitFor(() => expect(self.selfTest()?.steps[2]).toHaveProperty('checks'));
  expect(self.selfTest()?.running).toBe(true);
  await clock.advance(limits.selfTestStepMs + 1);
  await vi.waitFor(() => expect(self.selfTest()?.running).toBe(false));
  expect(gaveUp).toBe(true);
  expect(self.selfTest()?.steps.map(({ checks }) => checks)).toEqual([
    [{ check: 'relay-port', state: 'fail', found: 'tookTooLong' }],
    [{ check: 'witness', state: 'fail', found: 'broke', code: 'Error' }],
    [{ check: 'figures', state: 'fail', found: 'broke', code: 'BEGINNING_ANEW' }],
  ]);
});
