import { receiptAt } from '../../../../screens/server/receipt.ts';
import { openTill } from '../../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till, session } = openTill(event);
  return {
    receipt: receiptAt(till, event),
    operators: till.operators(),
    allowed: session.allowed,
  };
};
