import { expect, test } from 'vitest';
import type { Principal } from '#lib/domain/ids.ts';
import { lightOf } from './light.ts';

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566aa` as Principal,
  linked,
});
const own = (seq: number, atHq: number) => ({ own: { seq, onPeers: 0, atHq, archived: 0 } });

test.each([
  ['alone', 'register', [], own(0, 0)],
  ['alone', 'register', [peer('S01-T2', false), peer('HQ-HQ1', false)], own(5, 5)],
  ['lan', 'register', [peer('S01-T2', true), peer('HQ-HQ1', false)], own(5, 5)],
  ['sending', 'register', [peer('HQ-HQ1', true)], own(5, 4)],
  ['complete', 'register', [peer('HQ-HQ1', true), peer('S01-T2', false)], own(5, 5)],
  ['complete', 'relay', [peer('S01-T1', true)], undefined],
  ['alone', 'relay', [peer('S01-T1', false)], undefined],
] as const)('P10: the light is %s for a %s (case %#)', (light, role, peers, copies) => {
  expect(lightOf({ role, peers, ...(copies && { copies }) })).toBe(light);
});
