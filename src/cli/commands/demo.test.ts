import { expect, test } from 'vitest';
import { catalogLayout } from '#lib/demo/catalog-file.ts';
import { catalogColumns, welcome } from './demo.ts';

test('the columns of --catalog are those that are read', () => {
  const [required, optional] = catalogColumns.split(', and if wanted ');
  const columns = Object.entries(catalogLayout).map(([name, layout]) => ({ name, ...layout }));
  const names = (isOptional: boolean) =>
    columns.filter((one) => 'optional' in one === isOptional).map(({ name }) => name);
  expect(required?.split(', ')).toEqual(names(false));
  expect(optional?.split(', ')).toEqual(names(true));
});

test('the welcome names addresses, and operators with their ids and PINs', () => {
  const process = { name: 'register T1', url: 'http://127.0.0.1:4100', pid: 1 };
  const text = welcome({
    relay: { ...process, url: 'http://127.0.0.1:3000' },
    registers: [{ ...process, terminal: 'T1' }],
    operators: [
      { id: 'ana', name: 'Ana Ruiz', pin: '1234', roles: ['cashier'] },
      { id: 'manager', name: 'Mo Lee', pin: '98765', roles: ['manager', 'cashier'] },
    ],
    fillIn: () => Promise.resolve(undefined),
  });
  expect(text).toMatch(/^ {2}till T1 {6}http:\/\/127\.0\.0\.1:4100$/m);
  expect(text).toMatch(/^ {2}head office {2}http:\/\/127\.0\.0\.1:3000$/m);
  expect(text).toMatch(/^ {2}Ana Ruiz {4}1234 {3}cashier {11}ana$/m);
  expect(text).toMatch(/^ {2}Mo Lee {6}98765 {2}manager, cashier {2}manager$/m);
});
