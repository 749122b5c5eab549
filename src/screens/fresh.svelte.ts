/**
 * Reads again whenever the status says that something changed: one reading at a time, and one more after it where
 * something changed meanwhile. A reading that fails keeps what is shown; the next change tries again.
 */
import type { LiveStatus } from './live-status.svelte.ts';

export function rereads(live: LiveStatus, read: () => Promise<void>): () => void {
  let reading = false;
  let again = false;
  const go = (): void => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    read()
      // The shell says that the till does not answer; what is shown stays.
      .catch(() => undefined)
      .finally(() => {
        reading = false;
        if (!again) return;
        again = false;
        go();
      });
  };
  return live.onArrival(go);
}
