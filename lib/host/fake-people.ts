/** Who works at a till in memory, and the count of their wrong PINs; for tests of the screens. */
import type { OperatorName, PinWaiting, SignInServices } from './till-services.ts';

/** Ids, names and roles as `SampleTill` knows them; the PIN of each is in `fakePins`. */
export const fakeOperators: readonly OperatorName[] = [
  { id: 'ann', name: 'Amina Testerley', roles: ['cashier'] },
  { id: 'sue', name: 'Omar Samplewood', roles: ['supervisor'] },
  { id: 'max', name: 'Ines Candlethorpe', roles: ['manager'] },
];
export const fakePins: Readonly<Record<string, string>> = { ann: '1111', sue: '2222', max: '3333' };

export function fakeSignIn(): SignInServices {
  const wrongPins = new Map<string, number>();

  function pinWait(operator: string): PinWaiting | undefined {
    const wrong = wrongPins.get(operator) ?? 0;
    if (wrong >= 10) return { operator, code: 'PIN_LOCKED', retryAfterMs: 1_800_000 };
    return wrong >= 5 ? { operator, code: 'PIN_DELAYED', retryAfterMs: 5_000 } : undefined;
  }

  return {
    operators: () => fakeOperators,
    pinWaits: () => [...wrongPins.keys()].flatMap((operator) => pinWait(operator) ?? []),
    operator: (id) => fakeOperators.find((operator) => operator.id === id),
    unlock: (id, by) => by !== id && by !== 'ann' && wrongPins.delete(id),
    signIn(id, pin) {
      const operator = fakeOperators.find((one) => one.id === id);
      if (operator && fakePins[id] === pin) {
        wrongPins.delete(id);
        return Promise.resolve({ outcome: 'done', operator });
      }
      wrongPins.set(id, (wrongPins.get(id) ?? 0) + 1);
      const { code = 'PIN_WRONG', retryAfterMs } = pinWait(id) ?? {};
      return Promise.resolve({
        outcome: 'refused',
        code,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    },
  };
}
