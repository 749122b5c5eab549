/**
 * A register in this process on a real directory, with HQ's data planted and a wire that leads nowhere.
 * For tests and fixtures alone.
 */
import { orgKeys } from '../documents/org-keys.ts';
import { catalogShards } from '../documents/catalog-shards.ts';
import { names } from '../documents/names.ts';
import type { Clock } from '../domain/clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { SeriesLetter, StoreId } from '../domain/ids.ts';
import { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { claimDirectory } from '../storage/directory-version.ts';
import type { Disk } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import type { SampleCompany, SampleTerminal } from '../trust/sample-company.ts';
import { sampleNowMs, seededBytes } from '../trust/sample-company.ts';
import type { Executed, RegisterEvent, RegisterParts } from './register-parts.ts';
import { Register } from './register.ts';

export const sampleStore = 'S01' as StoreId;

export const sampleProducts = ['TEA', 'CUP', 'MILK', 'PEN'] as const;

/** HQ's documents with one store, three operators, a few products, as release 1. */
export async function sampleHeadOffice(company: SampleCompany): Promise<SampleHeadOffice> {
  const office = new SampleHeadOffice(await company.incarnation('HQ', 'HQ1'));
  office.registry.learnStore(sampleStore);
  office.write(names.org(), {
    [orgKeys.settings(sampleStore)]: {
      currency: 'EUR',
      taxMode: 'inclusive',
      taxRounding: 'document',
      taxes: { std: { percentE4: 200_000 } },
    },
    [orgKeys.operator(sampleStore, 'ann')]: { id: 'ann', name: 'Ann', roles: ['cashier'] },
    [orgKeys.operator(sampleStore, 'max')]: { id: 'max', name: 'Max', roles: ['manager'] },
  });
  office.writeProducts(
    Object.fromEntries(
      sampleProducts.map((sku, at) => [
        sku,
        {
          sku,
          names: `Sample ${sku.toLowerCase()}`,
          barcodes: [],
          tax: 'std',
          prices: [{ unitPriceE4: 19_900 + 12_345 * at }],
          active: true,
          ...(sku === 'MILK' ? { batchTracked: true } : {}),
        },
      ]),
    ),
  );
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(1, [names.org(), ...shards]);
  return office;
}

/** A clock that moves one millisecond with every look; timers are real, because a mesh waits a moment for peers. */
export function sampleClock(startMs = sampleNowMs): Clock {
  let looks = 0;
  return {
    wallMs: () => startMs + looks++,
    monotonicMs: () => looks,
    zone: () => 'Europe/London',
    setTimer(run, delayMs) {
      const timer = setTimeout(run, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

export type SampleRegisterOptions = {
  readonly directory: string;
  readonly company: SampleCompany;
  readonly terminal: SampleTerminal;
  readonly letter?: string;
  readonly seed?: string;
  /** Another one than before makes the directory a copy. */
  readonly machineId?: string;
  readonly clock?: Clock;
  readonly onEvent?: (event: RegisterEvent) => void;
  readonly disk?: Disk;
  readonly onFatal?: (error: unknown) => void;
  /** In place of the wire that leads nowhere. */
  readonly wire?: Pick<RegisterParts, 'transport' | 'targets'>;
};

/** Enrols the directory and puts HQ's documents into it. */
export function prepareDirectory(
  office: SampleHeadOffice,
  { directory, company, terminal, letter = 'A' }: SampleRegisterOptions,
): void {
  claimDirectory(nodeDisk, directory, 'register');
  new IdentityStore(nodeDisk, `${directory}/identity`).saveEnrolled(
    {
      company: 'acme',
      store: terminal.store,
      terminal: terminal.terminal,
      letter: letter as SeriesLetter,
      caDer: company.caDer,
      terminalDer: terminal.certificateDer,
      issuers: terminal.issuers,
      relays: [],
    },
    terminal.key,
  );
  office.plant(nodeDisk, directory);
}

/** Opens the register of a prepared directory; it may be opened again after it was stopped. */
export function openRegister(options: SampleRegisterOptions): Promise<Register> {
  const { directory } = options;
  return Register.open({
    disk: options.disk ?? nodeDisk,
    directory,
    projections: `${directory}/projections.db`,
    identity: new IdentityStore(nodeDisk, `${directory}/identity`),
    machine: () => ({ machineId: options.machineId ?? 'sample' }),
    witnessDirectory: `${directory}-witness`,
    clock: options.clock ?? sampleClock(),
    random: seededBytes(options.seed ?? directory),
    version: '0.0.0-sample',
    transport: () => ({
      start: () => Promise.resolve({ port: 1 }),
      dial: () => Promise.reject(new TillmeshError('LINK_FAILED', 'a wire that leads nowhere')),
      stop: () => Promise.resolve(),
    }),
    targets: () => [],
    ...options.wire,
    bars: { load: () => [], save() {} },
    onEvent: options.onEvent ?? (() => undefined),
    onFatal:
      options.onFatal ??
      ((error) => {
        throw error;
      }),
  });
}

export type Done = Exclude<Executed, { outcome: 'refused' } | { outcome: 'invalid' }>;

/** Gives a command; a refusal is a mistake of the test. */
export function carryOut(register: Register, command: object): Done {
  const executed = register.execute(command);
  if (executed.outcome === 'refused' || executed.outcome === 'invalid')
    throw new Error(JSON.stringify(executed));
  return executed;
}

/** Sells so many of each, paid in cash with more than enough. */
export function sell(
  register: Register,
  command: string,
  lines: readonly { readonly sku: string; readonly quantityMilli: number; batch?: string }[],
): Done {
  const given = { kind: 'cash', givenMinor: 100_000 };
  return carryOut(register, { kind: 'CompleteSale', command, by: 'ann', lines, tenders: [given] });
}

/** Hands everything that one register has of its own journal to another, as catch-up would. */
export function carryOver(from: Register, to: Register): void {
  const { living } = from;
  to.replica.keyring.learn(living.chain, living.letter);
  const journal = from.replica.own.key;
  to.replica.registry.learnJournal(journal, to.replica.journals.tip(journal).segment);
  for (;;) {
    const { seq, hash } = to.replica.journals.tip(journal);
    const answer = from.replica.journals.reader.after(journal, seq, hash, 1_000, 1 << 20);
    if (!answer || answer.changes.length === 0) return;
    to.replica.registry.learnJournal(journal, answer.segment);
    const rule = to.replica.registry.journalRule(journal, answer.segment);
    if (!rule) throw new Error(`segment ${answer.segment} is not admitted`);
    to.replica.journals.receive(rule, answer.changes, living.principal);
  }
}
