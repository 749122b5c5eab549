/**
 * A real register in a process of its own that a bench drives over IPC. Times are milliseconds of one clock that all
 * processes of this machine share, so a sale's way to another till can be measured.
 */
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JournalKey, Sku } from '#lib/domain/ids.ts';
import { keepYoungHeapSmall } from '#lib/host/small-heap.ts';
import {
  startRegister,
  type RunningRegister,
  type StartRegisterOptions,
} from '#lib/register/start.ts';

export type Ask =
  | { readonly kind: 'start'; readonly options: StartRegisterOptions }
  | {
      readonly kind: 'sell';
      readonly count: number;
      readonly perSecond: number;
      readonly lines: number;
      readonly measureLimit: boolean;
    }
  | { readonly kind: 'watch'; readonly journal: JournalKey }
  | { readonly kind: 'seen' }
  | { readonly kind: 'cut' | 'heal'; readonly peers: readonly string[] }
  | { readonly kind: 'search'; readonly queries: readonly string[] }
  | { readonly kind: 'state' }
  | { readonly kind: 'stop' };

// As the command line does.
keepYoungHeapSmall();

const now = () => performance.timeOrigin + performance.now();
let running: RunningRegister | undefined;
let directory = '';
let watched: JournalKey | undefined;
let seenUpTo = 0;
const seen: [seq: number, atMs: number][] = [];
const confirmed: [seq: number, atMs: number][] = [];
let commands = 0;

const register = () => {
  if (!running) throw new Error('not started');
  return running.register;
};

/** As the screens' stream does: not in the middle of what changed something, but as soon as that has done. */
let isLooking = false;
function changed(): void {
  if (isLooking) return;
  isLooking = true;
  setImmediate(() => {
    isLooking = false;
    if (running) look();
  });
}

/** What the screens' stream waits for as well: the read models hold the entry. */
function look(): void {
  const { replica, models } = register();
  if (watched) {
    const seq = models.cursor(watched)?.seq ?? 0;
    for (; seenUpTo < seq; seenUpTo++) seen.push([seenUpTo + 1, now()]);
  }
  const { onPeers } = replica.voice.reach(replica.own.key);
  for (let seq = (confirmed.at(-1)?.[0] ?? 0) + 1; seq <= onPeers; seq++)
    confirmed.push([seq, now()]);
}

async function sell(ask: Extract<Ask, { kind: 'sell' }>) {
  const acks: number[] = [];
  const limits: number[] = [];
  const begun: [seq: number, atMs: number][] = [];
  const limitFile = join(directory, '..', `limit-${process.pid}`);
  mkdirSync(join(directory, '..'), { recursive: true });
  const descriptor = openSync(limitFile, 'a');
  const first = now();
  for (let i = 0; i < ask.count; i++) {
    if (ask.perSecond > 0) {
      const due = first + (i * 1_000) / ask.perSecond;
      if (due > now()) await delay(due - now());
    } else if (i % 50 === 0) await delay(0);
    const lines = Array.from({ length: ask.lines }, (_, line) => ({
      sku: `P${((i * 7 + line) % 900) + 1}` as Sku,
      quantityMilli: 1_000,
    }));
    const atMs = now();
    const outcome = register().execute({
      kind: 'CompleteSale',
      command: `bench-${process.pid}-${++commands}`,
      by: 'max',
      lines,
      tenders: [{ kind: 'cash', givenMinor: 100_000 }],
    });
    acks.push(now() - atMs);
    if (outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
    begun.push([outcome.seq, atMs]);
    if (ask.measureLimit) {
      await delay(0);
      const bytes = lastChange();
      const before = performance.now();
      writeSync(descriptor, bytes);
      fdatasyncSync(descriptor);
      limits.push(performance.now() - before);
    }
  }
  closeSync(descriptor);
  return { acks, limits, begun, ms: now() - first };
}

/** The very bytes that the last sale put into its segment. */
function lastChange(): Uint8Array {
  const { replica } = register();
  const { seq } = replica.own.tip;
  const before = replica.journals.reader.hashAt(replica.own.key, seq - 1);
  const answer =
    before && replica.journals.reader.after(replica.own.key, seq - 1, before, 1, 1 << 20);
  return answer?.changes[0] ?? new Uint8Array(1_500);
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case 'start': {
      directory = ask.options.data;
      running = await startRegister(ask.options);
      running.register.onChange(changed);
      return { ...running.ready, journal: running.register.replica.own.key };
    }
    case 'sell':
      return sell(ask);
    case 'watch':
      watched = ask.journal;
      seenUpTo = register().models.cursor(ask.journal)?.seq ?? 0;
      seen.length = 0;
      return seenUpTo;
    case 'seen':
      return {
        seen: [...seen],
        confirmed: [...confirmed],
        cursor: watched ? (register().models.cursor(watched)?.seq ?? 0) : 0,
      };
    case 'cut':
    case 'heal':
      for (const peer of ask.peers) register().replica.mesh[ask.kind](peer);
      return now();
    case 'search': {
      const times: number[] = [];
      let found = 0;
      for (const query of ask.queries) {
        const before = performance.now();
        found += register().models.searchProducts(query, 20).length;
        times.push(performance.now() - before);
      }
      return { times, found };
    }
    case 'state':
      return {
        rss: process.memoryUsage().rss,
        peers: register().replica.mesh.peers,
        tip: register().replica.own.tip.seq,
        products: register().models.productCount(),
      };
    case 'stop': {
      const ending = running;
      running = undefined;
      await ending?.stop();
      return true;
    }
  }
}

process.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
  answer(ask).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) =>
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
