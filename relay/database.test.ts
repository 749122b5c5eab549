import { sql } from 'kysely';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TillmeshError } from '../lib/domain/errors.ts';
import { faultKind, translateFault } from './database-fault.ts';
import { openDatabase, serverOf } from './database.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

describe('database', () => {
  it('is the same by its address as embedded: one code path', async () => {
    const first = await openDatabase({ embedded: tests.embedded }, { schema: 'shared' });
    const second = await openDatabase({ url: tests.embedded.url }, { schema: 'shared' });
    const ids = await Promise.all(
      [first, second].map((each) => each.sql.selectFrom('archive').select('id').executeTakeFirst()),
    );
    expect(ids[0]?.id).toBe(ids[1]?.id);
    const name = await sql<{ name: string }>`select application_name as name from pg_stat_activity
      where pid = pg_backend_pid()`.execute(second.sql);
    expect(name.rows[0]?.name).toBe('tillmesh-relay');
    await first.close();
    await second.close();
  });

  it('is migrated by one of several relays that start at once', async () => {
    const opened = await Promise.all(
      [1, 2, 3, 4].map(() => openDatabase({ embedded: tests.embedded }, { schema: 'crowd' })),
    );
    const [first] = opened;
    if (first === undefined) throw new Error('four relays');
    const rows = await sql<{ n: number }>`select count(*) as n from archive`.execute(first.sql);
    expect(rows.rows[0]?.n).toBe(1);
    for (const each of opened) await each.close();
  });

  it('refuses tables of a newer version with DIRECTORY_NEWER', async () => {
    const database = await openDatabase({ embedded: tests.embedded }, { schema: 'newer' });
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', 'x')`.execute(
      database.sql,
    );
    await database.close();
    await expect(
      openDatabase({ embedded: tests.embedded }, { schema: 'newer' }),
    ).rejects.toMatchObject({ code: 'DIRECTORY_NEWER' });
  });

  it('the store leads the key of everything that happens in a store', async () => {
    const database = await tests.open();
    const { rows } = await sql<{ name: string; first: string }>`
      select c.relname as name, a.attname as first from pg_index i
      join pg_class c on c.oid = i.indrelid join pg_namespace s on s.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where i.indisprimary and s.nspname = ${database.schema}
        and c.relname not like 'kysely%'`.execute(database.sql);
    const others = rows.filter((row) => row.first !== 'store_id').map((row) => row.name);
    // Company-wide by nature.
    expect(others.sort()).toEqual(['archive', 'customers', 'join_codes', 'products', 'releases']);
    expect(rows.length).toBeGreaterThan(15);
  });

  it('gives bigint as exact numbers, days as text, and faults on what is not exact', async () => {
    const database = await tests.open();
    const { rows } = await sql<{ big: number; day: string }>`
      select 9007199254740991::bigint as big, date '2010-12-01' as day`.execute(database.sql);
    expect(rows[0]).toEqual({ big: Number.MAX_SAFE_INTEGER, day: '2010-12-01' });
    await expect(
      sql`select 9007199254740993::bigint as big`.execute(database.sql),
    ).rejects.toMatchObject({ code: 'INVARIANT' });
  });

  it('survives the end of a connection, and says unreachable only while the server is away', async () => {
    const database = await tests.open();
    await expect(
      database.run((db) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)),
    ).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    // Another connection of the pool may have died with it: each says so once, and is replaced.
    let answer: number | undefined;
    for (let attempt = 0; attempt < 10 && answer === undefined; attempt++) {
      const one = database.run((db) => sql<{ one: number }>`select 1 as one`.execute(db));
      answer = await one.then(
        ({ rows }) => rows[0]?.one,
        () => undefined,
      );
    }
    expect(answer).toBe(1);
  });
});

describe('unreachable database', () => {
  it('P8: a server that takes connections and says nothing is away, and is back when it speaks', async () => {
    const { hostname, port } = new URL(tests.embedded.url);
    let isFrozen = false;
    const ends: Socket[] = [];
    const between = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        ends.push(from);
        from.on('data', (data) => isFrozen || to.write(data));
        from.on('error', () => undefined);
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const url = new URL(tests.embedded.url);
    url.port = String((between.address() as AddressInfo).port);
    const database = await openDatabase({ url: url.href }, { schema: 'frozen', silenceMs: 500 });
    const ask = () => database.run((db) => db.selectFrom('archive').select('id').execute());
    expect(await ask()).toHaveLength(1);
    isFrozen = true;
    for (let n = 0; n < 2; n++)
      await expect(ask()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    isFrozen = false;
    expect(await ask()).toHaveLength(1);
    await database.close();
    for (const end of ends) end.destroy();
    await new Promise((resolve) => between.close(resolve));
  });

  const secret = 'hunter2secret';
  const messageOf = async (url: string): Promise<string> => {
    const error: unknown = await openDatabase({ url }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TillmeshError);
    return `${(error as TillmeshError).code} ${(error as TillmeshError).message}`;
  };

  it('says what is wrong, and never the password', async () => {
    const { port } = tests.embedded;
    const closed = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
      });
    });
    const wrongName = new URL(tests.embedded.url);
    wrongName.pathname = '/nowhere';
    const messages = [
      await messageOf(`postgres://u:${secret}@127.0.0.1:${closed}/db`),
      await messageOf(`postgres://tillmesh:${secret}@127.0.0.1:${port}/postgres`),
      await messageOf(wrongName.href),
      await messageOf(`postgres//u:${secret}@nonsense`),
      await messageOf(`mysql://u:${secret}@127.0.0.1/db`),
    ];
    expect(messages[0]).toMatch(/DATABASE_UNREACHABLE .*nothing listens there/);
    expect(messages[1]).toMatch(/DATABASE_UNREACHABLE .*password is wrong/);
    expect(messages[2]).toMatch(/DATABASE_UNREACHABLE .*no such database/);
    expect(messages[3]).toMatch(/^INPUT_INVALID/);
    expect(messages[4]).toMatch(/^INPUT_INVALID/);
    const password = new URL(tests.embedded.url).password;
    for (const message of messages) {
      expect(message).not.toContain(secret);
      expect(message).not.toContain(password);
    }
  });

  it('names the server without user and password', () => {
    expect(serverOf('postgres://u:p@db.example:6432/shop?sslmode=require')).toBe(
      'db.example:6432/shop',
    );
    expect(serverOf('postgresql:///shop')).toBe('localhost:5432/shop');
  });

  it.each([
    ['08006', 'unreachable'],
    ['57P01', 'unreachable'],
    ['53100', 'unreachable'],
    ['40P01', 'unreachable'],
    ['ECONNRESET', 'unreachable'],
    ['22021', 'data'],
    ['23514', 'data'],
    ['42P01', 'other'],
  ] as const)('%s is %s', (code, kind) => {
    expect(faultKind(Object.assign(new Error('x'), { code }))).toBe(kind);
  });

  it('leaves other errors as they are', () => {
    const error = new Error('column does not exist');
    expect(translateFault(error, 'db:5432/shop')).toBe(error);
    const terminated = translateFault(new Error('Connection terminated unexpectedly'), 'db:5432/x');
    expect(terminated).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  });
});
