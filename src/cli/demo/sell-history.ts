/** Sells the sample days through the registers' own command path, each till its share in order. */
import type { HistoryStep } from '#lib/demo/history.ts';
import type { ApiClient } from '../api-client.ts';

export type HistoryResult = { readonly sold: number; readonly refused: number };

/** Commands carry their own ids: selling a history again after a broken start adds nothing. */
export async function sellHistory(
  tills: readonly ApiClient[],
  steps: readonly HistoryStep[],
  stopped: () => boolean,
): Promise<HistoryResult> {
  const results = await Promise.all(
    tills.map((till, index) =>
      sellAtOne(
        till,
        steps.filter((step) => step.till % tills.length === index),
        stopped,
      ),
    ),
  );
  return {
    sold: results.reduce((sum, result) => sum + result.sold, 0),
    refused: results.reduce((sum, result) => sum + result.refused, 0),
  };
}

async function sellAtOne(
  till: ApiClient,
  steps: readonly HistoryStep[],
  stopped: () => boolean,
): Promise<HistoryResult> {
  let sold = 0;
  let refused = 0;
  for (const { command } of steps) {
    if (stopped()) break;
    const answer = await till.send('POST', '/api/commands', command);
    if (answer.status === 200) sold += 1;
    else refused += 1;
  }
  return { sold, refused };
}
