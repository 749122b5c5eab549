/** A machine of the shop with its disk, its clock and whatever runs on it; powered, killed, frozen and started anew. */
import { isTillmeshError } from '#lib/domain/errors.ts';
import { FaultyDisk } from '#lib/storage/faulty-disk.ts';
import { seededBytes } from '#lib/trust/sample-company.ts';
import { DeadProcess, MachineClock, SimProcess, type World } from './clock.ts';
import type { Network } from './network.ts';
import { ProcessDisk, type Machine } from './process-disk.ts';

export const dataDirectory = '/data';
export const witnessDirectory = '/state/witness';

export type DeviceParts = {
  readonly world: World;
  readonly network: Network;
  readonly random: () => number;
  readonly wallMs: number;
  /** Something that must never happen. */
  readonly violation: (what: string) => void;
  readonly note: (what: string) => void;
};

/** Faults that a disk may answer with; others are findings. */
const diskCodes = ['DISK_FULL', 'DISK_REFUSED', 'DISK_FAILED', 'FILE_DAMAGED'] as const;

export abstract class Device<Running extends { stop(): Promise<void> }> {
  readonly name: string;
  readonly machine: Machine;
  readonly clock: MachineClock;
  readonly parts: DeviceParts;
  /** The operating system's id of this machine. */
  machineId: string;
  running: Running | undefined;
  process: SimProcess | undefined;
  disk: ProcessDisk | undefined;
  /** Off until somebody switches it on; otherwise its supervisor starts it again. */
  switchedOff = false;
  lives = 0;
  readonly #processes: SimProcess[] = [];
  #bytes: (length: number) => Uint8Array;

  constructor(name: string, parts: DeviceParts) {
    this.name = name;
    this.parts = parts;
    this.machineId = `machine-of-${name}`;
    this.machine = { disk: new FaultyDisk(parts.random), reserves: new Map() };
    this.clock = new MachineClock(parts.world, parts.wallMs);
    this.#bytes = seededBytes(`${name}/${parts.random()}`);
  }

  protected abstract open(process: SimProcess, disk: ProcessDisk): Promise<Running>;

  randomBytes = (length: number): Uint8Array => this.#bytes(length);

  start(): void {
    if (this.process) return;
    const { world, note } = this.parts;
    const process = new SimProcess(`${this.name}#${++this.lives}`, this.clock);
    this.process = process;
    this.#processes.push(process);
    const disk = new ProcessDisk(this.machine, process, () => this.kill('power'));
    this.disk = disk;
    world
      .as(process, () => this.open(process, disk))
      .then(
        (running) => {
          if (!process.alive) return;
          this.running = running;
          note(`${process.name} is up`);
        },
        (error: unknown) => this.failed(process, error, 'start'),
      );
  }

  /** Ends the process as its own code does after a final fault, or as an uncaught error would. */
  failed(process: SimProcess, error: unknown, where: string): void {
    if (!process.alive || isOfDeadProcess(error)) return;
    if (!diskCodes.some((code) => isTillmeshError(error, code)) && !isErrno(error))
      this.parts.violation(`${process.name}, ${where}: ${textOf(error)}`);
    else if (this.machine.disk.faultsFired === 0 && !this.mayBeDamaged)
      this.parts.violation(`${process.name}, ${where}, on a sound disk: ${textOf(error)}`);
    this.parts.note(`${process.name} ends (${where}): ${textOf(error).split('\n')[0]}`);
    this.kill('process');
  }

  /** Set by faults that take files away or flip bits. */
  mayBeDamaged = false;
  /** Its disk is not what it once said that it holds. */
  hasLostData = false;
  /** How often somebody changed its disk behind its back. */
  losses = 0;
  /** Nothing more goes onto its disk. */
  isFull = false;

  /** `power`: what was not synced is lost, and the others notice late. `process`: kill -9. */
  kill(how: 'power' | 'process'): void {
    const { process } = this;
    if (!process) return;
    process.alive = false;
    this.process = undefined;
    this.running = undefined;
    this.disk = undefined;
    this.parts.network.died(process, how === 'process');
    if (how === 'power') this.machine.disk.crash();
    else this.machine.disk.kill();
    this.machine.disk.heal();
    if (!this.switchedOff)
      this.parts.world.later(
        () => {
          if (!this.switchedOff) this.start();
        },
        1_000 + this.parts.random() * 5_000,
        'nobody',
      );
  }

  /** At the end of a run: lets go of everything. */
  scrap(): void {
    this.switchedOff = true;
    this.kill('process');
    for (const process of this.#processes) process.clock = undefined;
  }

  /** SIGSTOP until then; peers give up a link that says nothing for six seconds. */
  freeze(forMs: number): void {
    const { process, parts } = this;
    if (!process) return;
    // Not shorter than before: what was put off until then would arrive after what came later.
    process.frozenUntilMs = Math.max(process.frozenUntilMs, parts.world.nowMs + forMs);
    parts.network.stalled(process);
  }
}

/** What a disk itself says; a process that cannot start may end with it. */
const isErrno = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code));

export function isOfDeadProcess(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof DeadProcess) return true;
  return false;
}

export const textOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack ?? error.message}${error.cause ? `\ncause: ${textOf(error.cause)}` : ''}`
    : String(error);
