/** What a relay tells Prometheus about its archive. Process metrics come with it. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { IngestResult } from './archive-contract.ts';

export type RelayMetricSources = {
  /** Entries that wait to be archived. */
  readonly waiting: () => number;
  readonly lagMs: () => number;
  readonly databaseUp: () => boolean;
  /** Refused and parked postings. */
  readonly problems: () => Promise<{ readonly refused: number; readonly parked: number }>;
};

export class RelayMetrics {
  readonly registry = new Registry();
  readonly #archived: Counter;
  readonly #posted: Counter;
  readonly #refused: Counter;
  readonly #seconds: Histogram;

  constructor(sources: RelayMetricSources) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    const gauge = (name: string, help: string, read: () => number): Gauge =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    this.#archived = counter('tillmesh_entries_archived_total', 'Entries that became archived.');
    this.#posted = counter('tillmesh_documents_posted_total', 'Documents whose rows were written.');
    this.#refused = counter('tillmesh_documents_refused_total', 'Documents that did not post.');
    this.#seconds = new Histogram({
      name: 'tillmesh_ingest_seconds',
      help: 'Duration of one batch, from its first statement to its commit.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
    gauge('tillmesh_archive_waiting', 'Entries taken and not yet archived.', sources.waiting);
    gauge(
      'tillmesh_archive_lag_seconds',
      'Age of the oldest waiting entry.',
      () => sources.lagMs() / 1000,
    );
    gauge('tillmesh_database_up', '1 while the database answers.', () =>
      Number(sources.databaseUp()),
    );
    const postings: Gauge = new Gauge({
      name: 'tillmesh_postings',
      help: 'Postings that need time (refused) or a person (parked).',
      labelNames: ['state'],
      registers,
      collect: async () => {
        // The database is asked only while it answers: a scrape must not hang on it.
        if (!sources.databaseUp()) return;
        const { refused, parked } = await sources.problems();
        postings.set({ state: 'refused' }, refused);
        postings.set({ state: 'parked' }, parked);
      },
    });
  }

  ingested(result: IngestResult, seconds: number): void {
    this.#archived.inc(result.archived);
    this.#posted.inc(result.posted);
    this.#refused.inc(result.refused);
    this.#seconds.observe(seconds);
  }
}
