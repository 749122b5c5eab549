/** A PIN as it is typed, and why one was not right, in words. Pure. */
import type { SignIn } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { formatWait } from '../../texts/format.ts';
import type { KeypadKey } from '../keypad-entry.ts';

const longestPin = 12;
export const shortestPin = 4;

export const isWholePin = (pin: string): boolean => pin.length >= shortestPin;

export function pinAfter(pin: string, key: KeypadKey): string {
  if (key === 'back') return pin.slice(0, -1);
  return key !== '.' && pin.length < longestPin ? pin + key : pin;
}

export type PinRefusal = Extract<SignIn, { outcome: 'refused' }>['code'];

/** `retryAfterMs`: how long to wait where it was tried too often. */
export const pinRefusalWords = (code: PinRefusal, retryAfterMs = 0): string =>
  code === 'PIN_WRONG' ? texts.signIn.PIN_WRONG : texts.signIn[code](formatWait(retryAfterMs));
