/**
 * What goes wrong in a run. Every seed draws its own probabilities (swarm testing): a run with all faults at once
 * finds less than many runs with a few each.
 */
import type { JournalKey } from '#lib/domain/ids.ts';
import { hashesOn } from './disk-entries.ts';
import { dataDirectory } from './device.ts';
import type { Headquarters } from './headquarters.ts';
import type { Ledger } from './ledger.ts';
import type { Shop } from './shop.ts';
import type { Till } from './till.ts';

export const faultKinds = [
  'cut',
  'cutFromHq',
  'isolate',
  'powerCut',
  'powerCutInCall',
  'kill',
  'hqKill',
  'hqPowerCut',
  'freeze',
  'diskError',
  'failedSync',
  'fullDisk',
  'clockJump',
  'clockDrift',
  'archiveAway',
  'archiveRestored',
  'restore',
  'restoreImage',
  'copy',
  'forcedFork',
  'wipe',
  'lostFile',
  'bitFlip',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Rare by nature; and each begins a life of its own, which costs a second of computing. */
const heavy: ReadonlySet<FaultKind> = new Set([
  'archiveRestored',
  'restore',
  'restoreImage',
  'copy',
  'forcedFork',
  'wipe',
  'lostFile',
  'bitFlip',
]);

export type Plan = {
  readonly seed: number;
  readonly tills: number;
  readonly steps: number;
  /** HQ is gone from the first sale to the end. */
  readonly hqAway: boolean;
  readonly delayMs: readonly [number, number];
  readonly loss: number;
  readonly duplication: number;
  /** By step. */
  readonly chances: Readonly<Partial<Record<FaultKind, number>>>;
};

export function drawPlan(seed: number, random: () => number): Plan {
  const sometimes = (chance: number, value: () => number) => (random() < chance ? value() : 0);
  const chances: Partial<Record<FaultKind, number>> = {};
  for (const kind of faultKinds) {
    const isHeavy = heavy.has(kind);
    const chance = sometimes(isHeavy ? 0.2 : 0.35, () => (isHeavy ? 0.03 : 0.1) * random());
    if (chance > 0) chances[kind] = Number(chance.toFixed(4));
  }
  return {
    seed,
    tills: 3 + Math.floor(random() * 3),
    steps: 40 + Math.floor(random() * 40),
    hqAway: random() < 0.15,
    delayMs: [1, sometimes(0.6, () => 5_000 * random() ** 2) + 3],
    loss: sometimes(0.4, () => 0.02 * random()),
    duplication: sometimes(0.3, () => 0.3 * random()),
    chances,
  };
}

type Backup = { readonly files: ReadonlyMap<string, Uint8Array>; readonly witness: boolean };

export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  /** Journals that two devices were made to continue. */
  readonly forkable = new Set<JournalKey>();
  readonly #shop: Shop;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  readonly #backups = new Map<Till, Backup[]>();

  constructor(shop: Shop, ledger: Ledger, random: () => number) {
    this.#shop = shop;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Somebody makes backups now and then. */
  backUp(till: Till = this.#pick(this.#shop.tills)): void {
    const backups = this.#backups.get(till) ?? [];
    backups.push({ files: filesOf(till, [dataDirectory, '/state']), witness: true });
    this.#backups.set(till, backups.slice(-3));
  }

  strike(kind: FaultKind, till: Till = this.#pick(this.#shop.tills)): void {
    if (!this.#apply(kind, till)) return;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  #apply(kind: FaultKind, till: Till): boolean {
    const shop = this.#shop;
    switch (kind) {
      case 'cut':
        return this.#cut(till.name, this.#pick(shop.devices.filter((one) => one !== till)).name);
      case 'cutFromHq':
        return this.#cut(till.name, shop.hq.name);
      case 'isolate':
        for (const other of shop.devices) if (other !== till) this.#cut(till.name, other.name);
        return true;
      case 'powerCut':
        return this.#kill(till, 'power');
      case 'powerCutInCall':
        if (!till.disk) return false;
        till.disk.callsToLive = 1 + this.#below(12);
        shop.note(`${till.name}: the power will go in the middle of something`);
        return true;
      case 'kill':
        return this.#kill(till, 'process');
      case 'hqKill':
        return this.#kill(shop.hq, 'process');
      case 'hqPowerCut':
        return this.#kill(shop.hq, 'power');
      case 'freeze':
        return this.#freeze(this.#pick(shop.devices));
      case 'diskError':
        return this.#diskError(this.#pick(shop.devices));
      case 'failedSync': {
        const device = this.#pick(shop.devices);
        device.machine.disk.fail({ nth: 1 + this.#below(6), kind: 'EIO', only: ['fdatasync'] });
        shop.note(`${device.name}: a sync will fail`);
        return true;
      }
      case 'fullDisk':
        return this.#fullDisk(till);
      case 'clockJump':
        return this.#clockJump(this.#pick(shop.devices));
      case 'clockDrift': {
        const rate = 0.5 + this.#random() * 2.5;
        this.#pick(shop.devices).clock.drift(rate);
        shop.note(`a clock runs ${rate.toFixed(2)} times as fast`);
        return true;
      }
      case 'archiveAway':
        return this.#archiveAway();
      case 'archiveRestored':
        return this.#restoreArchive();
      case 'restore':
        return this.#restore(till, false);
      case 'restoreImage':
        return this.#restore(till, true);
      case 'copy':
        return this.#copy(till, false);
      case 'forcedFork':
        return this.#copy(till, true);
      case 'wipe':
        return this.#wipe(till);
      case 'lostFile':
        return this.#lostFile(till);
      case 'bitFlip':
        return this.#bitFlip(till);
    }
  }

  #cut(a: string, b: string): boolean {
    const { network, world } = this.#shop;
    this.#shop.note(`cut ${a} ${b}`);
    network.cut(a, b);
    world.later(() => network.heal(a, b), 1_000 + this.#random() ** 2 * 60_000, 'nobody');
    return true;
  }

  #kill(device: Till | Headquarters, how: 'power' | 'process'): boolean {
    if (!device.process) return false;
    this.#shop.note(`${device.name}: ${how === 'power' ? 'power cut' : 'kill -9'}`);
    device.kill(how);
    return true;
  }

  #freeze(device: Till | Headquarters): boolean {
    if (!device.process) return false;
    const forMs = 500 + this.#random() ** 3 * 60_000;
    this.#shop.note(`${device.name}: frozen for ${Math.round(forMs)} ms`);
    device.freeze(forMs);
    return true;
  }

  #diskError(device: Till | Headquarters): boolean {
    const kind = this.#pick(['EIO', 'ENOSPC', 'EACCES', 'short'] as const);
    const nth = 1 + this.#below(25);
    const sticky = this.#random() < 0.15;
    const { disk } = device.machine;
    disk.fail({ nth, kind, sticky });
    this.#shop.note(
      `${device.name}: call ${nth} to its disk gives ${kind}${sticky ? ', and on' : ''}`,
    );
    if (sticky) this.#shop.world.later(() => disk.heal(), 5_000 * this.#random(), 'nobody');
    return true;
  }

  #fullDisk(till: Till): boolean {
    const { disk } = till.machine;
    this.#shop.note(`${till.name}: the disk is full`);
    disk.setCapacity(0);
    till.isFull = true;
    till.mayBeDamaged = true;
    this.#shop.world.later(
      () => {
        disk.setCapacity(Number.MAX_SAFE_INTEGER);
        till.isFull = false;
      },
      2_000 + this.#random() * 20_000,
      'nobody',
    );
    return true;
  }

  #clockJump(device: Till | Headquarters): boolean {
    const hours = this.#pick([2, -2, -24, 400 * 24, 0.05, -0.05]);
    this.#shop.note(`${device.name}: its clock jumps by ${hours} hours`);
    device.clock.jump(hours * 3_600_000);
    return true;
  }

  #archiveAway(): boolean {
    const { hq, world } = this.#shop;
    this.#shop.note('the archive is away');
    hq.archiveIsAway = true;
    world.later(() => void (hq.archiveIsAway = false), this.#random() * 60_000, 'nobody');
    return true;
  }

  #restoreArchive(): boolean {
    const { hq } = this.#shop;
    const entries = hq.archive.entries();
    const kept = entries.slice(0, this.#below(entries.length + 1));
    this.#shop.note(`the archive is a backup with ${kept.length} of ${entries.length} entries`);
    hq.kill('process');
    hq.restoreArchive(kept);
    const elsewhere = new Set(
      this.#shop.devices.flatMap((device) => [...hashesOn(device.machine.disk)]),
    );
    for (const { hash } of entries) if (!elsewhere.has(hash)) this.#ledger.mayBeGone.add(hash);
    return true;
  }

  /** An earlier copy of the disk is put back; `image`: what lies outside the data directory is as old. */
  #restore(till: Till, image: boolean): boolean {
    const backup = this.#backups.get(till)?.[0];
    if (!backup) return false;
    this.#shop.note(`${till.name}: ${image ? 'a disk image' : 'a backup'} is put back`);
    if (image) this.#markForkable(till);
    this.offline(till, () => {
      replaceFiles(till, backup.files, image ? [dataDirectory, '/state'] : [dataDirectory]);
    });
    // What was enrolled since is gone with the rest.
    if (image) this.#markForkable(till);
    return true;
  }

  #copy(till: Till, withIdentity: boolean): boolean {
    const shop = this.#shop;
    if (shop.tills.length >= 6) return false;
    const name = `${till.terminal}-copy${shop.tills.length}`;
    const roots = withIdentity ? [dataDirectory, '/state'] : [dataDirectory];
    const files = filesOf(till, roots);
    const copy = shop.addTill(till.terminal, name);
    copy.enrolments = till.enrolments;
    if (withIdentity) {
      copy.machineId = till.machineId;
      this.#markForkable(till);
    }
    replaceFiles(copy, files, roots);
    shop.note(
      `${till.name} is copied to ${name}${withIdentity ? ', machine and witness too' : ''}`,
    );
    copy.start();
    return true;
  }

  #wipe(till: Till): boolean {
    const { terminal } = till;
    // HQ gives the next letter: one device at a time stands for a terminal that is enrolled anew.
    if (this.#shop.tills.some((other) => other !== till && other.terminal === terminal))
      return false;
    this.#shop.note(`${till.name}: wiped and enrolled again`);
    let enrolled = false;
    this.offline(till, () => {
      replaceFiles(till, new Map(), [dataDirectory, '/state']);
      this.#backups.delete(till);
      enrolled = this.#shop.enrolAgain(till);
    });
    if (!enrolled) {
      // No more enrolments are prepared for it: the till is out of use.
      till.switchedOff = true;
      till.kill('process');
      this.#shop.retire(till);
    }
    return true;
  }

  #lostFile(till: Till): boolean {
    const path = this.#pick(
      till.machine.disk
        .filesBeneath(dataDirectory)
        // Without these a till is not enrolled, and a person has to help.
        .filter((each) => !/terminal|ca\.pem|enrolment/.test(each)),
    );
    if (path === undefined) return false;
    this.#shop.note(`${till.name}: ${path} is lost`);
    till.mayBeDamaged = true;
    this.offline(till, () => {
      till.machine.disk.remove(path);
      till.machine.disk.syncDirectory(path.slice(0, path.lastIndexOf('/')));
    });
    return true;
  }

  #bitFlip(till: Till): boolean {
    const { disk } = till.machine;
    const path = this.#pick(
      disk.filesBeneath(dataDirectory).filter((each) => /journals|documents/.test(each)),
    );
    if (path === undefined) return false;
    const bit = this.#below(8 * (disk.durable(path)?.length ?? 0));
    this.#shop.note(`${till.name}: bit ${bit} of ${path} flips`);
    till.mayBeDamaged = true;
    this.offline(till, () => disk.flipBit(path, bit));
    return true;
  }

  /** Does something to the disk of a till that is off, and keeps account of what only that disk had. */
  offline(till: Till, change: () => void): void {
    till.kill('process');
    till.machine.disk.heal();
    till.machine.disk.setCapacity(Number.MAX_SAFE_INTEGER);
    till.isFull = false;
    till.hasLostData = true;
    till.losses++;
    const before = hashesOn(till.machine.disk);
    change();
    const left = hashesOn(till.machine.disk);
    const elsewhere = new Set([
      ...this.#shop.devices
        .filter((device) => device !== till)
        .flatMap((device) => [...hashesOn(device.machine.disk)]),
      ...this.#shop.hq.archive.entries().map((read) => read.hash),
    ]);
    for (const hash of before)
      if (!left.has(hash) && !elsewhere.has(hash)) this.#ledger.mayBeGone.add(hash);
  }

  #markForkable(till: Till): void {
    for (const path of till.machine.disk.filesBeneath(`${dataDirectory}/journals`)) {
      const journal = path.slice(`${dataDirectory}/journals/`.length, path.lastIndexOf('/'));
      if (journal.startsWith(`S01/${till.terminal}/`)) this.forkable.add(journal as JournalKey);
    }
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

/** As a program reads them that copies: what the system shows, which is not what a power cut would leave. */
function filesOf(till: Till, roots: readonly string[]): Map<string, Uint8Array> {
  const { disk } = till.machine;
  return new Map(
    roots.flatMap((root) =>
      disk.filesBeneath(root).map((path) => [path, disk.seen(path) ?? new Uint8Array()] as const),
    ),
  );
}

function replaceFiles(
  till: Till,
  files: ReadonlyMap<string, Uint8Array>,
  roots: readonly string[],
): void {
  const { disk } = till.machine;
  for (const root of roots) disk.remove(root);
  disk.syncDirectory('/');
  for (const [path, bytes] of files)
    if (roots.some((root) => path.startsWith(`${root}/`))) disk.plant(path, bytes);
}
