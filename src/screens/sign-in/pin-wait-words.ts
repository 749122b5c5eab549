/** Until when somebody has to wait after wrong PINs, in words. Pure. */
import type { PinWaiting } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { formatHour, formatTime } from '../../texts/format.ts';

/** A lock is half an hour: its minute is said in full, so that nobody comes too early. */
export function waitUntilWords(
  { code, retryAfterMs }: Pick<PinWaiting, 'code' | 'retryAfterMs'>,
  nowMs: number,
): string {
  const untilMs = nowMs + retryAfterMs;
  return code === 'PIN_LOCKED'
    ? texts.signIn.lockedUntil(formatHour(Math.ceil(untilMs / 60_000) * 60_000))
    : texts.signIn.waitsUntil(formatTime(Math.ceil(untilMs / 1_000) * 1_000));
}
