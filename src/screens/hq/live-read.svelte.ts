/**
 * What a page shows, as it changes: read again after each word of the relay, and now and then without one, because ages
 * of last words grow while nothing happens.
 */
import { untrack } from 'svelte';
import { rereads } from '../fresh.svelte.ts';
import { liveStatus } from '../live-status.svelte.ts';

const everyMs = 15_000;

export class LiveRead<Value> {
  value: Value = $state.raw() as Value;

  /** To be made while a page is set up. */
  constructor(loaded: () => Value, ask: () => Promise<Value>) {
    this.value = untrack(loaded);
    const live = liveStatus();
    const read = async (): Promise<void> => {
      this.value = await ask();
    };
    $effect(() => rereads(live, read));
    $effect(() => {
      // Without an answer what is shown stays, and the shell says that the relay is away.
      const timer = setInterval(() => void read().catch(() => undefined), everyMs);
      return () => clearInterval(timer);
    });
  }
}
