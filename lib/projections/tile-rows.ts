/** Products as tiles: the departments that there are, and the active products of one, what sold most here first. */
import type { DatabaseSync } from 'node:sqlite';
import type { Product } from '../domain/product.ts';
import { Query } from './statement.ts';

export type Department = { readonly id: string; readonly products: number };

type Row = { readonly product: string };

export class TileRows {
  readonly #departments;
  readonly #ofDepartment;
  readonly #ofAll;

  constructor(database: DatabaseSync) {
    this.#departments = new Query<Department>(
      database,
      `select department as id, count(*) as products from products
       where active = 1 and department <> '' group by department order by department limit ?`,
    );
    const best = `order by popularity desc, sku limit ?`;
    this.#ofDepartment = new Query<Row>(
      database,
      `select product from products where active = 1 and department = ? ${best}`,
    );
    this.#ofAll = new Query<Row>(database, `select product from products where active = 1 ${best}`);
  }

  /** Those with an active product, by id. */
  departments(limit: number): Department[] {
    return this.#departments.all(limit).map(({ id, products }) => ({ id, products }));
  }

  /** Of all departments where none is named. */
  best(department: string | undefined, limit: number): Product[] {
    const rows =
      department === undefined ? this.#ofAll.all(limit) : this.#ofDepartment.all(department, limit);
    return rows.map(({ product }) => JSON.parse(product) as Product);
  }
}
