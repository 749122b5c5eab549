import { describe, expect, it } from 'vitest';
import { fakeHqServices } from '#lib/host/fake-hq-services.ts';
import type { Custody, HqReceipt } from '#lib/host/hq-services.ts';
import { custodySteps } from './custody-words.ts';

async function receiptWith(more: Partial<Custody> = {}): Promise<HqReceipt> {
  const hq = fakeHqServices();
  const number = hq.sell('S01-T1', 1_000);
  const found = await hq.receipt('max', 'S01' as never, number);
  if (!found) throw new Error('no receipt');
  return { ...found, custody: { ...found.custody, ...more } };
}
const told = (receipt: HqReceipt) => custodySteps(receipt).map(({ done, text }) => [done, text]);

describe('the way of a document', () => {
  it('ends in the archive', async () => {
    expect(told(await receiptWith())).toEqual([
      [true, 'Signed by S01-T1, life A'],
      [true, 'On the disks of 3 tills'],
      [true, 'Arrived at this relay'],
      [true, 'In the archive'],
    ]);
  });

  it('tells what is still open, and what is not known', async () => {
    const receipt = await receiptWith({ archived: false, holders: [] });
    expect(told(receipt).filter(([done]) => done === false)).toEqual([
      [false, 'No linked till has said yet that it holds it'],
      [false, 'Not in the archive yet'],
    ]);
    const { archivedAtMs: _a, arrivedAtMs: _b, ...custody } = receipt.custody;
    const unknown = { ...receipt, custody: { ...custody, archived: true } };
    expect(told(unknown).slice(2)).toEqual([
      [true, 'Arrived before this relay was last started'],
      [true, 'In the archive; since when is not known while it does not answer'],
    ]);
  });

  it('P8: says why it is not posted', async () => {
    const posting = { state: 'refused', attempts: 3, message: 'a rule says no' } as const;
    expect(told(await receiptWith({ posting })).at(-1)).toEqual([
      false,
      'Not posted, tried 3 times: a rule says no',
    ]);
    const parked = { ...posting, state: 'parked' } as const;
    expect(told(await receiptWith({ posting: parked })).at(-1)).toEqual([
      false,
      'Parked, a person has to look: a rule says no',
    ]);
  });

  it('of one that only the archive has says so', async () => {
    const steps = told(await receiptWith({ isHere: false }));
    expect(steps[2]).toEqual([false, 'Not on this relay’s disk; the archive has it']);
  });
});
