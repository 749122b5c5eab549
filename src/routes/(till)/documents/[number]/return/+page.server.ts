import { receiptAt } from '../../../../../screens/server/receipt.ts';
import { openTill } from '../../../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { till, session } = openTill(event);
  const receipt = receiptAt(till, event);
  const { tenders, cashRounding } = await till.cart(session.operator.id);
  return {
    receipt,
    tenders,
    cashRounding,
    mayReturn: session.allowed.returnWithReceipt === true,
  };
};
