/**
 * A till that is going to die: opens a register on a real disk with a fuse between it and the world, links to another
 * till, does again what it did not finish, and then sells until the fuse blows. Talks in JSON lines, each written at once.
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { z } from 'zod';
import type { Executed } from '#lib/register/register-parts.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { openInProcess } from '../system/in-process-till.ts';
import { until } from '../system/until.ts';
import { fusedDisk, fusedTransport, StepFuse } from './step-fuse.ts';

export const childOrders = z.object({
  directory: z.string(),
  witness: z.string(),
  port: z.number(),
  peer: z.number(),
  /** Commands before the fuse is armed, and after. */
  again: z.array(z.unknown()),
  commands: z.array(z.unknown()),
  at: z.number(),
  mode: z.enum(['before', 'within']),
  /** Armed while the register opens, and not afterwards. */
  fromStart: z.boolean(),
});
export type ChildOrders = z.infer<typeof childOrders>;

/** What it says: answers as they are given, then the steps that the fuse has counted. */
export type ChildWord =
  | { readonly kind: 'incarnation'; readonly principal: string; readonly letter: string }
  | { readonly kind: 'answer'; readonly command: string; readonly executed: Executed }
  | { readonly kind: 'done'; readonly steps: readonly string[] };

const say = (word: ChildWord): void => {
  writeSync(1, `${JSON.stringify(word)}\n`);
};

async function live(orders: ChildOrders): Promise<void> {
  // Whoever is killed leaves nothing to the next one: modules are compiled once for all lives.
  flushCompileCache();
  const fuse = new StepFuse();
  if (orders.fromStart) fuse.arm(orders.at, orders.mode);
  const linked = Promise.withResolvers<void>();
  const register = await openInProcess({
    directory: orders.directory,
    witness: orders.witness,
    port: orders.port,
    targets: () => [orders.peer],
    disk: fusedDisk(nodeDisk, fuse),
    wrapTransport: (transport) => fusedTransport(transport, fuse),
    onEvent: ({ kind }) => {
      if (kind === 'linked') linked.resolve();
    },
  });
  // Ready to sell: what follows depends on how many others there are.
  if (orders.fromStart) fuse.disarm();
  const { principal, letter } = register.living;
  say({ kind: 'incarnation', principal, letter });
  const execute = (commands: readonly unknown[]): void => {
    for (const command of commands) {
      const { command: id } = z.looseObject({ command: z.string() }).parse(command);
      say({ kind: 'answer', command: id, executed: register.execute(command) });
    }
  };
  /** The other till holds everything: what is pushed from here on stands on what it has. */
  const copied = (): Promise<true> =>
    until('copies', () => {
      const { own, voice } = register.replica;
      return voice.reach(own.key).onPeers === own.tip.seq ? true : undefined;
    });
  await linked.promise;
  execute(orders.again);
  await copied();
  if (!orders.fromStart) fuse.arm(orders.at, orders.mode);
  for (const command of orders.commands) {
    execute([command]);
    // The turn of the loop in which an entry is folded and its document follows.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await copied();
  // What is saved in the background belongs to the steps as well.
  await register.stop();
  say({ kind: 'done', steps: fuse.steps });
  process.exit(0);
}

const [, , text = ''] = process.argv;
await live(childOrders.parse(JSON.parse(text)));
