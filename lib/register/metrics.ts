/** A register's figures for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CommandOutcome } from '../host/services.ts';
import type { RegisterEvent } from './register-parts.ts';
import type { Register } from './register.ts';

export class RegisterMetrics {
  readonly #registry = new Registry();
  readonly #commands = new Counter({
    name: 'tillmesh_commands_total',
    help: 'Commands by outcome',
    labelNames: ['outcome'],
    registers: [this.#registry],
  });
  readonly #acknowledged = new Histogram({
    name: 'tillmesh_acknowledgement_seconds',
    help: 'From a command to its entry on disk',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [this.#registry],
  });
  readonly #events = new Counter({
    name: 'tillmesh_events_total',
    help: 'Events by kind',
    labelNames: ['kind'],
    registers: [this.#registry],
  });

  /** Reads the register when somebody asks for the figures. */
  watch(register: Register): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(read());
        },
      });
    gauge('tillmesh_links', 'Peers with a link', () => register.replica.mesh.peers.length);
    gauge('tillmesh_own_entries', 'Entries of the own journal', () => register.replica.own.tip.seq);
    gauge(
      'tillmesh_own_entries_at_hq',
      'Of these, confirmed by a relay',
      () => register.replica.voice.reach(register.replica.own.key).atHq,
    );
    gauge(
      'tillmesh_own_entries_archived',
      'Of these, archived',
      () => register.replica.voice.reach(register.replica.own.key).archived,
    );
    gauge('tillmesh_flags_open', 'Open flags', () =>
      Object.values(register.models.flagCounts()).reduce((sum, count) => sum + count, 0),
    );
    gauge('tillmesh_resident_bytes', 'Memory of this process', () => process.memoryUsage.rss());
  }

  commandDone(outcome: CommandOutcome): void {
    this.#commands.inc({ outcome: outcome.outcome });
    if (outcome.outcome === 'done') this.#acknowledged.observe(outcome.ackMs / 1_000);
  }

  happened(event: RegisterEvent): void {
    this.#events.inc({ kind: event.kind });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
