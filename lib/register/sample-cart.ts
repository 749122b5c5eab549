/**
 * A till with a cart on a real directory, one process after the other: it can be killed, and its disk can be full for
 * documents. For tests alone.
 */
import * as A from '@automerge/automerge';
import { vi } from 'vitest';
import { catalogShards } from '../documents/catalog-shards.ts';
import { documentIdOf, names } from '../documents/names.ts';
import type { MoneyDocument } from '../domain/bodies.ts';
import type { Sku } from '../domain/ids.ts';
import type { CartChange, CartView } from '../host/till-services.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import type { Disk, OpenFile } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { TillCart } from './cart.ts';
import type { Register } from './register.ts';
import { openRegister, type SampleRegisterOptions } from './sample-register.ts';

const cash = [{ kind: 'cash', givenMinor: 100_000 }];

export const addLine = (line: string, sku: string, quantityMilli = 1_000): CartChange => ({
  kind: 'add',
  line,
  sku: sku as Sku,
  quantityMilli,
});

export const shownLines = ({ lines }: CartView) =>
  lines.map(({ id, sku, quantityMilli }) => [id, sku, quantityMilli]);

/** One process of a till. */
export class Till {
  readonly register: Register;
  readonly cart: TillCart;
  readonly problems: unknown[] = [];
  readonly #power: { isOn: boolean };

  private constructor(register: Register, power: { isOn: boolean }) {
    this.register = register;
    this.#power = power;
    this.cart = new TillCart({
      register,
      execute: (command, approvals) => register.execute(command, approvals),
      onProblem: (error) => this.problems.push(error),
    });
  }

  static async start(
    options: SampleRegisterOptions,
    { isFull = () => false }: { isFull?: () => boolean } = {},
  ): Promise<Till> {
    const power = { isOn: true };
    const register = await openRegister({
      ...options,
      // Another process draws other random numbers.
      seed: `${options.directory} ${starts++}`,
      disk: limitedDisk(power, isFull),
      onFatal: () => undefined,
    });
    const till = new Till(register, power);
    running.push(till);
    return till;
  }

  /** Nothing reaches the disk any more; nobody says goodbye. */
  kill(): void {
    this.#power.isOn = false;
  }

  async stop(): Promise<void> {
    running.splice(running.indexOf(this), 1);
    await this.register.stop();
  }

  async change(change: CartChange, by = 'ann'): Promise<CartView> {
    const answer = await this.cart.changeCart(by, change);
    if (answer.outcome === 'refused') throw new Error(answer.message);
    return answer.cart;
  }

  async code(change: CartChange, by = 'ann'): Promise<string> {
    const answer = await this.cart.changeCart(by, change);
    return answer.outcome === 'refused' ? answer.code : answer.outcome;
  }

  pay({ cart, totalMinor }: Pick<CartView, 'cart' | 'totalMinor'>, tenders = cash, by = 'ann') {
    return this.cart.pay(by, cart, totalMinor, tenders);
  }

  sales(): number {
    return this.register.models.totals().documents;
  }

  lastSale(): { readonly number: string; readonly body: MoneyDocument } {
    const [row] = this.register.models.newestDocuments(1);
    if (!row) throw new Error('no sale');
    return { number: row.number, body: this.register.models.bodyOf(row) as MoneyDocument };
  }

  stateOf(cart: string) {
    return this.register.replica.desks.cart(cart)?.state;
  }
}
let starts = 0;
const running: Till[] = [];

export async function stopTills(): Promise<void> {
  for (const till of [...running]) await till.stop();
}

/** After a kill it takes nothing; where it is full, it takes no documents (desks), and journals all the same. */
function limitedDisk(power: { isOn: boolean }, isFull: () => boolean): Disk {
  const check = (path: string): void => {
    if (!power.isOn || (isFull() && path.includes('/documents/')))
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  const gate =
    <Rest extends unknown[], Result>(run: (path: string, ...rest: Rest) => Result) =>
    (path: string, ...rest: Rest): Result => {
      check(path);
      return run(path, ...rest);
    };
  const opening = (open: (path: string) => OpenFile) =>
    gate((path) => {
      const file = open(path);
      const append = (bytes: Uint8Array): number => {
        check(path);
        return file.append(bytes);
      };
      return new Proxy(file, {
        get(target, name: keyof OpenFile) {
          return name === 'append' ? append : target[name].bind(target);
        },
      });
    });
  return {
    ...nodeDisk,
    create: opening((path) => nodeDisk.create(path)),
    openAppend: opening((path) => nodeDisk.openAppend(path)),
    rename: gate((from, to: string) => nodeDisk.rename(from, to)),
    makeDirectory: gate((path) => nodeDisk.makeDirectory(path)),
  };
}

/** A release that reaches a running till. */
export async function publishTo(
  { register }: Till,
  office: SampleHeadOffice,
  n: number,
  products: Readonly<Record<string, object | undefined>>,
): Promise<void> {
  office.writeProducts(products);
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(n, [names.org(), ...shards]);
  for (const name of [...shards, names.releases()]) {
    const rule = register.replica.registry.rule(documentIdOf(name));
    if (!rule) throw new Error(name);
    const handle = await register.replica.documents.open(rule);
    handle.update((doc) => A.applyChanges(doc, A.getAllChanges(office.doc(name)))[0]);
  }
  await vi.waitFor(() => {
    if (register.release !== n) throw new Error(`release ${register.release}`);
  });
}
