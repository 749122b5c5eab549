/**
 * The overview as it changes: read again after each word of the relay, and now and then without one, because ages of
 * last words grow while nothing happens.
 */
import { untrack } from 'svelte';
import type { HqOverview } from '#lib/host/hq-services.ts';
import { rereads } from '../fresh.svelte.ts';
import { liveStatus } from '../live-status.svelte.ts';
import { hqClient } from './hq-client.ts';

const everyMs = 15_000;

export class LiveOverview {
  overview: HqOverview = $state.raw() as HqOverview;

  constructor(loaded: () => HqOverview) {
    this.overview = untrack(loaded);
    const live = liveStatus();
    const read = async (): Promise<void> => {
      this.overview = await hqClient.overview();
    };
    $effect(() => rereads(live, read));
    $effect(() => {
      // Without an answer what is shown stays, and the shell says that the relay is away.
      const timer = setInterval(() => void read().catch(() => undefined), everyMs);
      return () => clearInterval(timer);
    });
  }
}
