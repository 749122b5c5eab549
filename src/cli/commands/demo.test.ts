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
  expect(text).toContain('http://127.0.0.1:4100');
  expect(text).toMatch(/^ {2}ana {6}PIN 1234 {2}Ana Ruiz \(cashier\)$/m);
  expect(text).toMatch(/^ {2}manager {2}PIN 98765 {2}Mo Lee \(manager, cashier\)$/m);
});
