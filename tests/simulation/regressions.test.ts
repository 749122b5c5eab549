/** What the simulation found once, each as the shortest story that shows it; and the stories that an owner would ask about. */
import { describe, expect, it } from 'vitest';
import { store } from './goods.ts';
import { runSeed, type Stage } from './run-seed.ts';
import type { Shop } from './shop.ts';
import type { Till } from './till.ts';

/** Three tills and HQ, no chance: the play, then everything mended, quiet and checked as after any seed. */
async function shopOf(
  play: (
    stage: Stage & { t1: Till; t2: Till; sell: (till: Till, times?: number) => void },
  ) => Promise<void>,
  look: (shop: Shop) => void = () => undefined,
) {
  const result = await runSeed(1, {
    change: (plan) => ({
      ...plan,
      tills: 3,
      hqAway: false,
      delayMs: [1, 3],
      loss: 0,
      duplication: 0,
      chances: {},
    }),
    play: async (stage) => {
      const [t1, t2] = stage.shop.tills;
      if (!t1 || !t2) throw new Error('a shop without tills');
      const sell = (till: Till, times = 1) => {
        for (let n = 0; n < times; n++) stage.give(till, stage.orders.sale());
      };
      await play({ ...stage, t1, t2, sell });
    },
    inspect: look,
  });
  expect(result.violations).toEqual([]);
  return result;
}

/** Until a process that died was started by its supervisor and sells. */
async function untilUp({ world }: Shop, till: Till): Promise<void> {
  for (let seconds = 0; seconds < 60 && !till.isSelling; seconds++) await world.advance(1_000);
}

const letterOf = (till: Till | undefined) => till?.running?.living.letter;

describe('lives of a terminal', () => {
  it('P3, S10: a till restored from a backup has other numbers, and what it sold comes back', async () => {
    const result = await shopOf(
      async ({ shop, faults, t1, sell }) => {
        sell(t1, 2);
        faults.backUp(t1);
        sell(t1, 3);
        await shop.world.advance(2_000);
        faults.strike('restore', t1);
        await untilUp(shop, t1);
        sell(t1, 2);
      },
      (shop) => expect(letterOf(shop.tills[0])).toMatch(/^A[A-Z]{5}$/),
    );
    expect(result.forks).toBe(0);
    expect(result.lost).toBe(0);
  });

  it('P3, S8: a till wiped and enrolled again has the next letter, and its old sales', async () => {
    await shopOf(
      async ({ shop, faults, t1, sell }) => {
        sell(t1, 3);
        await shop.world.advance(2_000);
        faults.strike('wipe', t1);
        await untilUp(shop, t1);
        await shop.world.advance(2_000);
        sell(t1, 3);
      },
      (shop) => expect(letterOf(shop.tills[0])).toBe('B'),
    );
  });

  it('P3, S9: a copied directory begins a life of its own; nothing forks', async () => {
    const result = await shopOf(async ({ shop, faults, t1, sell }) => {
      sell(t1, 3);
      faults.strike('copy', t1);
      const copy = shop.tills.at(-1);
      if (copy) await untilUp(shop, copy);
      for (const till of shop.tills) sell(till, 2);
    });
    expect(result.forks).toBe(0);
    expect(result.events['doubleIdentity']).toBeUndefined();
  });

  it('P3, S9: two devices forced onto one life: both branches are kept and flagged', async () => {
    const result = await shopOf(
      async ({ shop, faults, t1, sell }) => {
        sell(t1, 3);
        await shop.world.advance(2_000);
        for (const other of shop.devices) if (other !== t1) shop.network.cut(t1.name, other.name);
        faults.strike('forcedFork', t1);
        const copy = shop.tills.at(-1);
        if (!copy) return;
        shop.network.cut(t1.name, copy.name);
        await untilUp(shop, copy);
        sell(t1, 2);
        sell(copy, 4);
        await shop.world.advance(10_000);
      },
      (shop) => {
        for (const till of shop.tills)
          expect(till.running?.models.flagCounts()['terminal-fork']).toBe(1);
        expect(shop.hq.running?.readSide(store)?.models.flagCounts()['terminal-fork']).toBe(1);
      },
    );
    expect(result.forks).toBe(1);
  });

  it.each([
    { whose: 'the longer one has closed days', shop: [2, 3], copy: [8, 0] },
    { whose: 'the shorter one has closed days', shop: [2, 2], copy: [14, 0] },
    { whose: 'both have', shop: [2, 4], copy: [7, 1] },
  ] as const)(
    'P1, P3: branches of which $whose are whole everywhere once they meet',
    async (branches) => {
      const result = await shopOf(async ({ shop, faults, orders, give, t1, sell }) => {
        const trade = (till: Till, [sales, days]: readonly [number, number]) => {
          sell(till, sales);
          for (let day = 0; day < days; day++) {
            give(till, orders.close());
            sell(till, 2);
          }
        };
        sell(t1, 1);
        await shop.world.advance(1_000);
        faults.backUp(t1);
        trade(t1, branches.shop);
        await shop.world.advance(2_000);
        for (const other of shop.devices) if (other !== t1) shop.network.cut(t1.name, other.name);
        faults.strike('restoreImage', t1);
        await untilUp(shop, t1);
        trade(t1, branches.copy);
        await shop.world.advance(2_000);
      });
      expect(result.forks).toBe(1);
    },
  );

  it('P3: two of one image, taken before the first life, give up the letter that both had', async () => {
    const result = await shopOf(
      async ({ shop, faults, t1, sell }) => {
        await shop.world.advance(2_000);
        faults.strike('wipe', t1);
        faults.strike('forcedFork', t1);
        const copy = shop.tills.at(-1);
        if (!copy) return;
        await untilUp(shop, t1);
        await untilUp(shop, copy);
        await shop.world.advance(10_000);
        for (const till of [t1, copy]) {
          await untilUp(shop, till);
          sell(till, 3);
        }
      },
      (shop) => {
        const letters = [shop.tills[0], shop.tills.at(-1)].map(letterOf);
        expect(new Set(letters).size).toBe(2);
        for (const letter of letters) expect(letter).toMatch(/^B[A-Z]{5}$/);
      },
    );
    expect(result.forks).toBe(0);
  });

  it('P3: the letter of a life whose record was lost is not given again', async () => {
    await shopOf(async ({ shop, faults, t1, sell }) => {
      sell(t1, 2);
      await shop.world.advance(2_000);
      faults.offline(t1, () => {
        for (const path of t1.machine.disk.filesBeneath('/data/identity/lives'))
          t1.machine.disk.remove(path);
        t1.machine.disk.syncDirectory('/data/identity/lives');
      });
      faults.backUp(t1);
      await untilUp(shop, t1);
      sell(t1, 2);
      await shop.world.advance(2_000);
      faults.strike('restore', t1);
      await untilUp(shop, t1);
      sell(t1, 3);
    });
  });
});

describe('forks and restarts', () => {
  it('P4: a relay that starts anew names the tip of a forked journal as the others do', async () => {
    const result = await shopOf(async ({ shop, faults, t1, sell }) => {
      sell(t1, 1);
      await shop.world.advance(1_000);
      faults.backUp(t1);
      sell(t1, 5);
      await shop.world.advance(2_000);
      for (const other of shop.devices) if (other !== t1) shop.network.cut(t1.name, other.name);
      faults.strike('restoreImage', t1);
      await untilUp(shop, t1);
      sell(t1, 1);
      shop.network.healAll();
      await shop.world.advance(30_000);
      faults.strike('hqKill');
      await shop.world.advance(10_000);
    });
    expect(result.forks).toBe(1);
  });

  it('P4: branches that close their segments at different places end with one tip everywhere', async () => {
    const result = await shopOf(async ({ shop, faults, orders, give, t1, sell }) => {
      sell(t1, 1);
      await shop.world.advance(1_000);
      faults.backUp(t1);
      sell(t1, 1);
      give(t1, orders.close());
      sell(t1, 2);
      await shop.world.advance(2_000);
      for (const other of shop.devices) if (other !== t1) shop.network.cut(t1.name, other.name);
      faults.strike('restoreImage', t1);
      await untilUp(shop, t1);
      sell(t1, 8);
      shop.network.healAll();
      await shop.world.advance(20_000);
      for (const till of shop.tills) till.kill('process');
      await shop.world.advance(10_000);
    });
    expect(result.forks).toBe(1);
  });
});

describe('a shorter branch', () => {
  it('P1: reaches those who have the longer one, though all tips are equal', async () => {
    const result = await shopOf(async ({ shop, faults, t1, t2, sell }) => {
      sell(t1, 1);
      await shop.world.advance(1_000);
      faults.backUp(t1);
      sell(t1, 8);
      await shop.world.advance(2_000);
      const others = shop.tills.filter((till) => till !== t1);
      for (const till of others) shop.network.cut(till.name, shop.hq.name);
      for (const till of others) shop.network.cut(till.name, t1.name);
      shop.network.cut(t1.name, shop.hq.name);
      faults.strike('restoreImage', t1);
      await untilUp(shop, t1);
      sell(t1, 2);
      shop.network.heal(t1.name, shop.hq.name);
      await shop.world.advance(20_000);
      for (const device of [...others, shop.hq]) device.kill('process');
      await shop.world.advance(10_000);
      sell(t2, 1);
    });
    expect(result.forks).toBe(1);
  });
});

describe('disks', () => {
  it('P1: what follows a failed sync and a restart survives a power cut', async () => {
    const result = await shopOf(async ({ shop, faults, t1, sell }) => {
      shop.hq.machine.disk.fail({ nth: 1, kind: 'EIO', only: ['fdatasync'] });
      sell(t1, 1);
      await shop.world.advance(15_000);
      sell(t1, 3);
      await shop.world.advance(3_000);
      faults.strike('hqPowerCut');
      await shop.world.advance(10_000);
    });
    expect(result.diskFaults).toBe(1);
    expect(result.restarts).toBe(2);
  });

  it('S7: a full disk refuses sales, and sells again when there is room', async () => {
    const result = await shopOf(async ({ shop, faults, t1, sell }) => {
      faults.strike('fullDisk', t1);
      sell(t1, 3);
      await shop.world.advance(30_000);
      sell(t1, 2);
    });
    expect(result.documents['sale']).toBeGreaterThanOrEqual(5);
  });
});

describe('a shop apart', () => {
  it('N12: the last one sold on every till at once stands everywhere, with one flag', async () => {
    await shopOf(
      async ({ shop, orders, give }) => {
        for (const a of shop.devices)
          for (const b of shop.devices) if (a.name < b.name) shop.network.cut(a.name, b.name);
        for (const till of shop.tills) give(till, orders.sale(orders.good('LAMP')));
        await shop.world.advance(10_000);
      },
      (shop) => {
        for (const till of shop.tills)
          expect(till.running?.models.flagCounts().oversell).toBeGreaterThan(0);
      },
    );
  });

  it('P2: HQ away for the whole day: everything arrives when it is back', async () => {
    const result = await shopOf(async ({ shop, sell }) => {
      shop.hq.switchedOff = true;
      shop.hq.kill('process');
      for (let hour = 0; hour < 10; hour++) {
        for (const till of shop.tills) sell(till, 2);
        await shop.world.advance(5_000);
      }
    });
    expect(result.documents['sale']).toBeGreaterThan(60);
  });
});
