/**
 * Where a replica keeps its documents: journals as segment files, everything else by the storage adapter, which serves both
 * to the repo. Damaged files go aside; what a full disk refused is tried again; a failed sync ends the process.
 */
import { DocumentRegistry, type JournalRule } from '../documents/registry.ts';
import type { TillmeshError } from '../domain/errors.ts';
import { DocumentsAdapter, type StorageProblem } from '../storage/documents-adapter.ts';
import { setAside } from '../storage/set-aside.ts';
import { JournalFiles } from './journal-files.ts';
import type { ReplicaOptions } from './replica-options.ts';

export type ReplicaStorageOptions = Pick<
  ReplicaOptions,
  'disk' | 'directory' | 'clock' | 'onEvent' | 'onFatal'
> & {
  readonly registry: DocumentRegistry;
  /** What Automerge may have of a segment. */
  readonly bytes: (rule: JournalRule) => Uint8Array;
};

/** What a full disk refused is tried again this much later. */
const retryMs = 30_000;

export class ReplicaStorage {
  readonly #o: ReplicaStorageOptions;
  readonly files: JournalFiles;
  readonly adapter: DocumentsAdapter;
  #retry: { cancel(): void } | undefined;

  constructor(options: ReplicaStorageOptions) {
    this.#o = options;
    const { disk, directory, registry } = options;
    this.files = new JournalFiles(disk, `${directory}/journals`);
    this.adapter = new DocumentsAdapter(disk, `${directory}/documents`, {
      segments: {
        owns: (id) => registry.rule(id)?.kind === 'journal',
        read: (id) => {
          const rule = registry.rule(id);
          return rule?.kind === 'journal' ? options.bytes(rule) : undefined;
        },
      },
      genesis: (id) => registry.rule(id)?.genesis.bytes,
      onProblem: (problem) => this.#problem(problem),
    });
  }

  /** A segment's file that is not what it was; with its reason. Throws DISK_FULL, DISK_REFUSED, DISK_FAILED. */
  setAside(rule: JournalRule, error: TillmeshError): void {
    this.#o.onEvent({ kind: 'damaged', what: rule.name, detail: error.detail });
    setAside(
      this.#o.disk,
      this.files.pathOf(rule.journal, rule.segment),
      `${this.#o.directory}/aside`,
      { reason: error.detail, name: `${rule.id}.changes` },
    );
  }

  /** When nothing writes any more. */
  end(): void {
    this.#retry?.cancel();
    this.files.end();
  }

  #problem(problem: StorageProblem): void {
    this.#o.onEvent({ kind: 'storage', detail: JSON.stringify(problem) });
    // What a failed sync left in the system's memory would be taken for saved by everybody who reads it there.
    if (problem.kind === 'disk-failed') this.#o.onFatal(problem.error);
    if (problem.kind !== 'not-saved' || this.#retry) return;
    this.#retry = this.#o.clock.setTimer(() => {
      this.#retry = undefined;
      void this.adapter.retry();
    }, retryMs);
  }
}
