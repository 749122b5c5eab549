/** A till of the simulated shop: a real register on a device. */
import { isTillmeshError } from '#lib/domain/errors.ts';
import type { DialTarget } from '#lib/mesh/transport.ts';
import type { RegisterEvent } from '#lib/register/register-parts.ts';
import { Register } from '#lib/register/register.ts';
import { barFile } from '#lib/replica/bar-file.ts';
import { bindingOf } from '#lib/replica/incarnation.ts';
import type { MachineIdentity } from '#lib/storage/binding.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import type { SimProcess } from './clock.ts';
import type { Company, TerminalName } from './company.ts';
import { dataDirectory, Device, witnessDirectory, type DeviceParts } from './device.ts';
import type { ProcessDisk } from './process-disk.ts';

export type TillParts = DeviceParts & {
  readonly terminal: TerminalName;
  readonly targets: () => readonly DialTarget[];
  readonly onEvent: (till: Till, event: RegisterEvent) => void;
};

export class Till extends Device<Register> {
  readonly terminal: TerminalName;
  /** How often its terminal was enrolled here. */
  enrolments = 0;
  readonly #p: TillParts;

  constructor(name: string, parts: TillParts) {
    super(name, parts);
    this.#p = parts;
    this.terminal = parts.terminal;
  }

  enrol(company: Company, time: number): void {
    const { disk } = this.machine;
    const identity = new IdentityStore(disk, `${dataDirectory}/identity`);
    company.enrol(identity, this.terminal, time, bindingOf(this.#machineIdentity()));
    // Whoever enrols waits for it.
    disk.syncDirectory('/');
    disk.syncDirectory(dataDirectory);
  }

  /** Ready for a command: the register lives, and is not just beginning anew. */
  get isSelling(): boolean {
    const { running, process, parts } = this;
    if (!running || !process || process.frozenUntilMs > parts.world.nowMs) return false;
    try {
      return running.living !== undefined;
    } catch (error) {
      if (isTillmeshError(error, 'BEGINNING_ANEW')) return false;
      throw error;
    }
  }

  protected override open(process: SimProcess, disk: ProcessDisk): Promise<Register> {
    const { world, network } = this.parts;
    return Register.open({
      disk,
      directory: dataDirectory,
      projections: ':memory:',
      identity: new IdentityStore(disk, `${dataDirectory}/identity`),
      machine: () => this.#machineIdentity(),
      witnessDirectory,
      clock: world.clockOf(process),
      random: this.randomBytes,
      version: '0.0.0-simulated',
      transport: ({ principal }) => network.transport({ device: this.name, principal, process }),
      targets: this.#p.targets,
      bars: barFile(disk, `${dataDirectory}/bars.json`),
      onEvent: (event) => {
        if (process.alive) this.#p.onEvent(this, event);
      },
      onFatal: (error) => this.failed(process, error, 'fatal'),
    });
  }

  #machineIdentity(): MachineIdentity {
    return { machineId: this.machineId };
  }
}
