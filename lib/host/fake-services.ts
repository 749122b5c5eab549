/** A register without a network, for tests of the host, the screens and the command line. */
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { BarView, RegisterServices, Status } from './services.ts';

export type FakeServices = RegisterServices & {
  /** Changes the status and tells all who listen. */
  change(change: Partial<Status>): void;
  /** Until the next change it has no status: a till that begins anew, or a disk that refuses. */
  fail(error: Error): void;
  readonly links: Map<string, 'cut' | 'healed'>;
  /** Who cut which, by id. */
  readonly cutters: Map<string, string>;
  readonly commands: unknown[];
};

const journal = 'S01/T1/00112233445566aa' as JournalKey;
const barredMs = Date.UTC(2026, 10, 20, 7, 58);
const hash = 'a'.repeat(43) as EntryHash;

export function fakeServices(given: Partial<Status> = {}): FakeServices {
  const listeners = new Set<() => void>();
  const links = new Map<string, 'cut' | 'healed'>();
  const cutters = new Map<string, string>();
  const commands: unknown[] = [];
  let bars: readonly BarView[] = [{ terminal: 'S01-T3', code: 'NOT_THE_WRITER', atMs: barredMs }];
  let failure: Error | undefined;
  let status: Status = {
    role: 'register',
    store: 'S01',
    terminal: 'T1',
    incarnation: '00112233445566aa',
    letter: 'A',
    version: '0.1.0',
    peers: [
      { principal: 'S01-T2-00112233445566bb' as Principal, linked: true },
      { principal: 'HQ-HQ1-00112233445566cc' as Principal, linked: false },
    ],
    tips: { [journal]: { seq: 12, hash } },
    documents: 11,
    lines: 40,
    total: '1234.56',
    currency: 'GBP',
    stockHash: 'b'.repeat(43),
    flags: { oversell: 2 },
    copies: { own: { seq: 12, onPeers: 11, atHq: 9, archived: 7 } },
    ...given,
  };
  return {
    links,
    cutters,
    commands,
    change(change) {
      status = { ...status, ...change };
      failure = undefined;
      for (const listener of listeners) listener();
    },
    fail(error) {
      failure = error;
      for (const listener of listeners) listener();
    },
    status() {
      if (failure) throw failure;
      return status;
    },
    metrics: () => Promise.resolve('tillmesh_documents 11\n'),
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    execute(command) {
      commands.push(command);
      const kind =
        typeof command === 'object' && command !== null && 'kind' in command ? command.kind : '';
      if (kind === 'refuse') {
        return { outcome: 'refused', code: 'NO_OPERATOR', message: 'Nobody is signed in.' };
      }
      if (kind === 'fault') throw new TillmeshError('DISK_FULL');
      if (kind === 'sell') {
        return { outcome: 'done', number: 'S01-T1A-S-1', journal, seq: 13, hash, ackMs: 0.4 };
      }
      return { outcome: 'invalid', problems: ['kind: is not one of the commands'] };
    },
    products: (query, limit) =>
      Array.from({ length: Math.min(limit, 2) }, (_, n) => ({
        sku: `${query}${n}` as never,
        name: `Jam jar ${n}`,
        barcodes: [],
        unitPriceE4: 25_500,
        quantityMilli: 40_000,
      })),
    stock: (sku) => ({ sku, quantityMilli: 40_000, batches: [] }),
    documents: () => ({ documents: [] }),
    cut: (peer, by) => {
      if (peer === 'S01-T99') throw new TillmeshError('PEER_UNKNOWN', peer);
      links.set(peer, 'cut');
      if (by !== undefined) cutters.set(peer, by);
    },
    heal: (peer) => {
      links.set(peer, 'healed');
    },
    barred: () => bars,
    pardon(terminal) {
      if (!bars.some((bar) => bar.terminal === terminal))
        throw new TillmeshError('PEER_UNKNOWN', terminal);
      bars = bars.filter((bar) => bar.terminal !== terminal);
      const { alarms = [], ...others } = status;
      const left = alarms.filter((one) => one.kind !== 'barred' || one.terminal !== terminal);
      status = { ...others, ...(left.length > 0 && { alarms: left }) };
      for (const listener of listeners) listener();
    },
  };
}
