import { expect, test } from 'vitest';
import { z } from 'zod';
import { readWith } from './border.ts';
import { idField, storeField, whole } from './fields.ts';

const shape = z.strictObject({
  id: idField,
  store: storeField,
  name: z.string().min(2).max(4),
  count: whole(1, 9),
  role: z.enum(['cashier', 'manager']),
  list: z.array(z.boolean()).max(1),
  price: z.union([z.literal('*'), z.number()]).exactOptional(),
});
const right = { id: 'a', store: 'S01', name: 'abc', count: 3, role: 'cashier', list: [true] };

test.each([
  [{ id: undefined }, 'id: is missing'],
  [{ id: 7 }, 'id: must be a text'],
  [{ id: '' }, 'id: not an id'],
  [{ store: 's' }, 'store: not a store code'],
  [{ name: 'a' }, 'name: must be at least 2 characters long'],
  [{ name: 'abcde' }, 'name: must be at most 4 characters long'],
  [{ count: '3' }, 'count: must be a number'],
  [{ count: 1.5 }, 'count: must be a whole number'],
  [{ count: 0 }, 'count: must be at least 1'],
  [{ count: 10 }, 'count: must be at most 9'],
  [{ role: 'king' }, 'role: must be one of cashier, manager'],
  [{ role: undefined }, 'role: is missing'],
  [{ list: {} }, 'list: must be a list'],
  [{ list: ['x'] }, 'list.0: must be true or false'],
  [{ list: [true, false] }, 'list: must be a list of at most 1'],
  [{ price: 'x' }, 'price: is none of the forms that it may have'],
  [{ more: 1 }, 'has a field that nobody knows here: "more"'],
])('%j is refused in plain words', (change, problem) => {
  expect(readWith(shape, right)).toMatchObject({ ok: true });
  expect(readWith(shape, { ...right, ...change })).toEqual({ ok: false, problems: [problem] });
});
