/** A self-test in memory for tests of the screens: under way when it was begun, over when it is read again. */
import { type Check, checked } from './checks/check.ts';
import type { SelfTestServices, SelfTestView } from './till-services.ts';

export const fakeChecks: readonly Check[] = [
  checked('address', 'ok', { found: 'addresses', addresses: ['192.168.1.14'] }),
  checked('own-port', 'ok', { found: 'answers', at: '192.168.1.14:4101' }),
  checked('own-tls', 'ok', { found: 'ownHandshake', protocol: 'TLSv1.3' }),
  checked('certificate', 'ok', {
    found: 'identity',
    principal: 'S01-T1-00112233445566aa',
    notAfterMs: Date.UTC(2046, 10, 20),
  }),
  checked('relay-port', 'fail', { found: 'silent', at: 'hq.shop.example:3001', code: 'ETIMEDOUT' }),
  checked('clock', 'warn', { found: 'clock', of: 'S01-T2', offMs: 95_000 }),
  checked('disk-space', 'ok', { found: 'space', freeBytes: 48_318_382_080 }),
  checked('witness', 'ok', { found: 'witness', seq: 12 }),
  checked('figures', 'ok', { found: 'figures', journals: 4 }),
];

export function fakeSelfTest(checks: readonly Check[], nowMs: () => number): SelfTestServices {
  let last: SelfTestView | undefined;
  return {
    selfTest() {
      const seen = last;
      if (last)
        last = {
          ...last,
          running: false,
          steps: checks.map((one) => ({ check: one.check, checks: [one] })),
        };
      return seen;
    },
    startSelfTest() {
      last = {
        startedAtMs: nowMs(),
        running: true,
        steps: checks.map((one, n) => ({ check: one.check, ...(n < 3 && { checks: [one] }) })),
      };
      return last;
    },
  };
}
