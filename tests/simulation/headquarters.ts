/** HQ of the simulated shop: a real relay on a device, with the real archive writer before an archive in memory that can be away. */
import { TillmeshError } from '#lib/domain/errors.ts';
import type { VerifiedEntry } from '#lib/journal/envelope.ts';
import type { DialTarget } from '#lib/mesh/transport.ts';
import { barFile } from '#lib/replica/bar-file.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { ArchiveWriter } from '#relay/archive-writer.ts';
import { settleGeneration } from '#relay/generation-check.ts';
import { InMemoryArchive } from '#relay/in-memory-archive.ts';
import { Relay, type RelayEvent } from '#relay/relay.ts';
import type { SimProcess } from './clock.ts';
import type { Company } from './company.ts';
import { dataDirectory, Device, type DeviceParts } from './device.ts';
import { store, wanted } from './goods.ts';
import type { ProcessDisk } from './process-disk.ts';

export type HeadquartersParts = DeviceParts & {
  readonly targets: () => readonly DialTarget[];
  readonly onEvent: (event: RelayEvent) => void;
};

export class Headquarters extends Device<Relay> {
  archive: InMemoryArchive;
  archiveIsAway = false;
  archiveHasLostData = false;
  readonly #p: HeadquartersParts;

  constructor(name: string, parts: HeadquartersParts) {
    super(name, parts);
    this.#p = parts;
    this.archive = new InMemoryArchive({
      clock: this.clock,
      identity: { archive: 'simulated', generation: 1 },
    });
  }

  /** The database is as it was when it held these; while the relay is off. */
  restoreArchive(entries: readonly VerifiedEntry[]): void {
    this.archiveHasLostData = true;
    this.archive = new InMemoryArchive({
      clock: this.clock,
      identity: { archive: 'simulated', generation: 1 },
      entries,
    });
  }

  enrol(company: Company): void {
    const { disk } = this.machine;
    company.enrol(new IdentityStore(disk, `${dataDirectory}/identity`), 'HQ1', 0);
    disk.syncDirectory('/');
    disk.syncDirectory(dataDirectory);
  }

  protected override async open(process: SimProcess, disk: ProcessDisk): Promise<Relay> {
    const { world, network, note } = this.parts;
    const clock = world.clockOf(process);
    const { archive } = this;
    const writer = new ArchiveWriter({
      archive: {
        ingest: (entries) =>
          this.archiveIsAway || !process.alive
            ? Promise.reject(new TillmeshError('DATABASE_UNREACHABLE', 'simulated'))
            : archive.ingest(entries),
      },
      clock,
      settle: async () => {
        if (this.archiveIsAway || !process.alive)
          throw new TillmeshError('DATABASE_UNREACHABLE', 'simulated');
        await settleGeneration(relay, archive);
      },
      onArchived: (tips) => {
        if (process.alive) relay.archivedMore(tips);
      },
    });
    const relay = await Relay.open({
      disk,
      directory: dataDirectory,
      projections: () => ':memory:',
      identity: new IdentityStore(disk, `${dataDirectory}/identity`),
      machine: () => ({ machineId: this.machineId }),
      clock,
      random: this.randomBytes,
      version: '0.0.0-simulated',
      transport: ({ principal }) => network.transport({ device: this.name, principal, process }),
      targets: this.#p.targets,
      bars: barFile(disk, `${dataDirectory}/bars.json`),
      stores: [store],
      archive: writer,
      onEvent: (event) => {
        if (process.alive) this.#p.onEvent(event);
      },
      onFatal: (error) => this.failed(process, error, 'fatal'),
    });
    await writer.check();
    const { release, changed } = await relay.publisher.publish(wanted());
    if (changed > 0) note(`release ${release}, ${changed} records`);
    return relay;
  }
}
