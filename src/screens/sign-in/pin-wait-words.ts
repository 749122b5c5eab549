/** Until when somebody has to wait, after wrong PINs or because nobody knows how many there were, in words. Pure. */
import type { PinWaiting } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { formatHour, formatTime } from '../../texts/format.ts';

/** A lock is half an hour: its minute is said in full, so that nobody comes too early. */
export function waitUntilWords(
  { code, retryAfterMs }: Pick<PinWaiting, 'code' | 'retryAfterMs'>,
  nowMs: number,
): string {
  const untilMs = nowMs + retryAfterMs;
  if (code === 'PIN_LOCKED')
    return texts.signIn.lockedUntil(formatHour(Math.ceil(untilMs / 60_000) * 60_000));
  const time = formatTime(Math.ceil(untilMs / 1_000) * 1_000);
  return code === 'PIN_FILE_CHANGED'
    ? texts.signIn.everybodyWaitsUntil(time)
    : texts.signIn.waitsUntil(time);
}
