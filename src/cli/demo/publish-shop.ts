/** Hands a shop to head office by the relay's API, as any other back office would. */
import { z } from 'zod';
import type { Shop } from '#lib/demo/shop.ts';
import type { ApiClient } from '../api-client.ts';

const accepted = z.unknown();

export async function publishShop(relay: ApiClient, store: string, shop: Shop): Promise<void> {
  await relay.put(`/api/settings/${store}`, { name: shop.store, ...shop.settings }, accepted);
  await relay.put(`/api/operators/${store}`, { operators: shop.operators }, accepted);
  await relay.put('/api/customers', { customers: shop.customers }, accepted);
  await relay.put('/api/catalog', { products: shop.products }, accepted);
}
