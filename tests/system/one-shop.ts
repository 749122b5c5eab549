/** A shop for each test of a file, closed after it. */
import { afterEach } from 'vitest';
import { Shop } from './shop.ts';

let shop: Shop | undefined;
afterEach(async () => {
  await shop?.close();
  shop = undefined;
});

export async function openShop(
  registers: number,
  prepare?: (relayDirectory: string) => Promise<void>,
): Promise<Shop> {
  shop = await Shop.open(registers, undefined, prepare);
  return shop;
}
