/**
 * What a shop survives, with real processes: head office away, tills apart, a till lost, copied or set back. The book is
 * kept outside (`ledger.ts`); each test has a shop of its own.
 */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sku } from '#lib/domain/ids.ts';
import { archivedDocuments } from './archive-rows.ts';
import { Ledger } from './ledger.ts';
import { operator, plannedSale } from './sales.ts';
import { openShop } from './one-shop.ts';
import type { Shop } from './shop.ts';
import type { Done, TillProcess } from './till-process.ts';
import { until } from './until.ts';

let made = 0;

/** `count` sales of one to three products each, all acknowledged, all in the book. */
async function sell(till: TillProcess, ledger: Ledger, count: number): Promise<Done[]> {
  const answers: Done[] = [];
  for (let n = 0; n < count; n++) {
    made++;
    const first = 1 + (made % 8);
    const picks = [first, first + 1, first + 2]
      .slice(0, 1 + (made % 3))
      .map((product) => [product, 1 + (made % 4)] as const);
    const sale = plannedSale(`sale-${made}-of-${till.terminal}`, picks);
    const answer = await till.execute(sale.command);
    expect(answer.outcome).toBe('done');
    expect(ledger.acknowledged(sale, answer)).toEqual([]);
    answers.push(answer);
  }
  return answers;
}

/** Every running till and the archive hold what the book says, and the stock is what was sold. */
async function expectAllIn(all: Shop, ledger: Ledger): Promise<void> {
  await all.agreed(ledger.acknowledgedCount);
  for (const till of all.tills.filter(({ running }) => running)) {
    const found = await till.documents();
    expect(ledger.problems(found), till.name).toEqual([]);
    for (const [sku, quantityMilli] of ledger.stock(found))
      expect(await till.stock(sku), `${sku} at ${till.name}`).toBe(quantityMilli);
  }
  if (all.relay.running)
    expect(ledger.problems(await archivedDocuments(all.relayDirectory)), 'archive').toEqual([]);
}

const letterOf = (number: string): string => /^S01-T\d+([A-Z]+)-/.exec(number)?.[1] ?? '';

test('P2, P8: head office away for the whole day; at the end everything arrives', async () => {
  const all = await openShop(3);
  await all.stopRelay();
  const ledger = new Ledger();
  await Promise.all(all.tills.map((till) => sell(till, ledger, 20)));
  await all.agreed(60);
  // Tills that are started again without head office go on as well.
  for (const till of all.tills) await till.restart();
  await Promise.all(all.tills.map((till) => sell(till, ledger, 5)));
  await all.startRelay();
  await expectAllIn(all, ledger);
});

test('P4, P6: two tills cut from each other and from head office; healed, the stock is equal and right', async () => {
  const all = await openShop(2);
  const [a, b] = [all.till('T1'), all.till('T2')];
  await a.execute({
    kind: 'CountStock',
    command: 'count-before-the-cut',
    by: operator.id,
    lines: [{ sku: 'P1' as Sku, quantityMilli: 100_000 }],
  });
  await until('the count', async () => ((await b.stock('P1')) === 100_000 ? true : undefined));
  await all.cutFromHq(a);
  await all.cutFromHq(b);
  await all.cut(a, b);
  expect([await a.linkedWith(), await b.linkedWith()]).toEqual([[], []]);
  for (const [till, pieces] of [
    [a, 3],
    [b, 5],
  ] as const)
    for (let n = 0; n < 10; n++)
      await till.execute(plannedSale(`cut-${till.terminal}-${n}`, [[1, pieces]]).command);
  expect([await a.stock('P1'), await b.stock('P1')]).toEqual([70_000, 50_000]);
  // The count and the own sales, none of the other's.
  expect((await a.status()).documents).toBe(11);
  await all.heal(a, b);
  for (const till of [a, b])
    await until('the stock', async () => ((await till.stock('P1')) === 20_000 ? true : undefined));
  await all.healToHq(a);
  await all.healToHq(b);
  const { flags } = await all.agreed(21, 20);
  expect(flags).toEqual({});
  expect([await a.stock('P1'), await b.stock('P1')]).toEqual([20_000, 20_000]);
});

test('S8, N9: a wiped till is replaced; its old journals come back, new numbers have a new letter', async () => {
  const all = await openShop(2);
  const ledger = new Ledger();
  const before = all.till('T1');
  const old = await sell(before, ledger, 12);
  await sell(all.till('T2'), ledger, 3);
  const { total, stockHash } = await all.agreed(15);
  await before.kill();
  before.wipe();
  await sell(all.till('T2'), ledger, 4);
  // Only the other till can give the old sales back: head office has none of this store's entries any more to serve.
  await expect(all.joinCode('T1')).rejects.toThrow('put the other machine in its place');
  const again = await all.replaceTill('T1');
  const fresh = await sell(again, ledger, 6);
  await expectAllIn(all, ledger);
  expect(total).not.toBe((await again.status()).total);
  expect(stockHash).not.toBe((await again.status()).stockHash);
  const letters = [new Set(old.map(({ number }) => letterOf(number)))];
  letters.push(new Set(fresh.map(({ number }) => letterOf(number))));
  expect(letters.map(({ size }) => size)).toEqual([1, 1]);
  expect(letters[0]).not.toEqual(letters[1]);
  expect(fresh[0]?.number).toMatch(/-S-1$/);
  expect((await again.status()).flags).toEqual((await all.till('T2').status()).flags);
});

test('S9: a copied directory begins an incarnation of its own; nothing is forked', async () => {
  const all = await openShop(2);
  const ledger = new Ledger();
  const original = all.till('T1');
  await sell(original, ledger, 8);
  await all.agreed(8);
  const { incarnation } = await original.status();
  await original.stop();
  copy(original.options.data, join(all.directory, 'copy'));
  await original.start();
  const copied = await all.tillOn('T1', 'copy');
  await copied.start();
  expect((await original.status()).incarnation).toBe(incarnation);
  expect((await copied.status()).incarnation).not.toBe(incarnation);
  await Promise.all([sell(original, ledger, 10), sell(copied, ledger, 10)]);
  await expectAllIn(all, ledger);
  for (const till of all.tills)
    expect((await till.status()).flags).not.toHaveProperty('terminal-fork');
  // A second start of the copy is no copy any more.
  const own = (await copied.status()).incarnation;
  await copied.restart();
  expect((await copied.status()).incarnation).toBe(own);
});

test('S10: an old backup in the same place, witness there, nobody to ask: no number is used again', async () => {
  const all = await openShop(1);
  const ledger = new Ledger();
  const till = all.till('T1');
  await sell(till, ledger, 5);
  await till.stop();
  const backup = join(all.directory, 'backup');
  copy(till.options.data, backup);
  await till.start();
  const { incarnation } = await till.status();
  const lost = await sell(till, ledger, 7);
  await all.agreed(12);
  await all.stopRelay();
  await till.stop();
  restoreInPlace(backup, till.options.data);
  await till.start();
  expect((await till.status()).incarnation).not.toBe(incarnation);
  const fresh = await sell(till, ledger, 5);
  const used = new Set(lost.map(({ number }) => number));
  expect(fresh.filter(({ number }) => used.has(number))).toEqual([]);
  await all.startRelay();
  await expectAllIn(all, ledger);
});

test('S10: an old backup and no witness: the peer that knows more is believed before anything is sold', async () => {
  const all = await openShop(2);
  const ledger = new Ledger();
  const till = all.till('T1');
  await sell(till, ledger, 5);
  await till.stop();
  const backup = join(all.directory, 'backup');
  copy(till.options.data, backup);
  await till.start();
  const { incarnation } = await till.status();
  await sell(till, ledger, 7);
  await all.agreed(12);
  await till.stop();
  restoreInPlace(backup, till.options.data);
  rmSync(till.options.witness, { recursive: true });
  await till.start();
  await until('a new incarnation', async () => {
    const { status, body } = await till.api.send('GET', '/api/status');
    return status === 200 && (body as { incarnation: string }).incarnation !== incarnation
      ? true
      : undefined;
  });
  await sell(till, ledger, 5);
  await expectAllIn(all, ledger);
  expect((await till.status()).flags).not.toHaveProperty('terminal-fork');
});

test('S11: frozen and thawed, a till, its peer and head office do nothing twice', async () => {
  const all = await openShop(2);
  const ledger = new Ledger();
  const [a, b] = [all.till('T1'), all.till('T2')];
  await sell(a, ledger, 3);

  // In the middle of commands, each of which is sent again by somebody who lost patience.
  const sales = Array.from({ length: 10 }, (_, n) => plannedSale(`frozen-${n}`, [[1 + n, 1]]));
  const first = sales.map((sale) => a.execute(sale.command));
  await Promise.race(first);
  process.kill(a.process.pid, 'SIGSTOP');
  const again = sales.map((sale) => a.execute(sale.command));
  process.kill(a.process.pid, 'SIGCONT');
  for (const [n, sale] of sales.entries())
    for (const answer of [await first[n], await again[n]])
      if (answer) expect(ledger.acknowledged(sale, answer)).toEqual([]);
  await all.agreed(13);

  // Until the others have given up the link, with sales on both sides.
  process.kill(b.process.pid, 'SIGSTOP');
  await sell(a, ledger, 5);
  await until('the dead link', async () =>
    (await a.linkedWith()).includes(b.name) ? undefined : true,
  );
  await sell(a, ledger, 5);
  process.kill(b.process.pid, 'SIGCONT');
  await sell(b, ledger, 5);
  await all.agreed(28);

  process.kill(all.relay.pid, 'SIGSTOP');
  await sell(a, ledger, 5);
  await until('the dead link', async () =>
    (await a.linkedWith()).length === 1 ? true : undefined,
  );
  process.kill(all.relay.pid, 'SIGCONT');
  await expectAllIn(all, ledger);
});

/** As `cp -a`. */
function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

/** As an archive that is unpacked over a directory: the directory itself stays the one that it was. */
function restoreInPlace(backup: string, directory: string): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  copy(backup, directory);
}
