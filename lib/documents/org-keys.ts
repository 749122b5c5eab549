/** Keys of the records in the `org` document. */
import type { StoreId } from '../domain/ids.ts';

export const orgKeys = {
  settings: (store: StoreId) => `settings/${store}`,
  operator: (store: StoreId, id: string) => `operator/${store}/${id}`,
} as const;
