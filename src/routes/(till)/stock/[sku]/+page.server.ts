import { error } from '@sveltejs/kit';
import { isSku } from '#lib/domain/ids.ts';
import { openTill } from '../../../../screens/server/till.ts';
import { movementsShown } from '../../../../screens/stock/stock-card.svelte.ts';
import { texts } from '../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till } = openTill(event);
  const { sku } = event.params;
  const card = isSku(sku) ? till.stockCard(sku, { limit: movementsShown }) : undefined;
  if (!card) error(404, texts.stock.card.unknown(sku));
  return { card, operators: till.operators() };
};
