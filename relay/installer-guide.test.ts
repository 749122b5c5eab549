/** The installer's guide shows files that the relay's API really takes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readOperators, readProducts, readStore } from './wanted-shapes.ts';

const guide = readFileSync(new URL('../docs/guides/installer.md', import.meta.url), 'utf8');

function fileOf(name: string): unknown {
  const block = new RegExp(`<!-- reads: ${name} -->\\s*\`\`\`json\\n([^\`]*)\`\`\``).exec(
    guide,
  )?.[1];
  if (block === undefined) throw new Error(`the guide shows no ${name}`);
  return JSON.parse(block);
}
const listIn = (name: string, field: string): unknown[] =>
  (fileOf(name) as Record<string, unknown[]>)[field] ?? [];

test('the settings, operators and products of the guide are taken as they stand', () => {
  expect(readStore(fileOf('settings'))).toMatchObject({
    ok: true,
    value: { name: 'Harbour Lane' },
  });
  expect(readOperators(listIn('operators', 'operators'))).toMatchObject({
    ok: true,
    value: [{ id: 'ana' }, { id: 'mo' }],
  });
  expect(readProducts(listIn('catalog', 'products'))).toMatchObject({
    ok: true,
    value: [{ sku: '85123A', prices: [{ unitPriceE4: 25_500 }] }],
  });
});
