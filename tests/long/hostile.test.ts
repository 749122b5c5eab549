/** The same as `tests/hostile/process-attacks.test.ts`, often enough to meet rare frames. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { AttackedShop } from '../hostile/attacked-shop.ts';
import { roles } from '../hostile/ground.ts';
import { expectFuzzSurvived } from '../hostile/process-fuzz.ts';

const frames = 20_000;

let attacked: AttackedShop;
beforeAll(async () => {
  attacked = await AttackedShop.open();
});
afterAll(() => attacked?.shop.close());

describe.each(roles)('N6: mutated frames to a %s', (role) => {
  test(`${frames} of them: alive, selling, nothing written, memory bounded`, () =>
    expectFuzzSurvived(attacked, role, frames));
});
