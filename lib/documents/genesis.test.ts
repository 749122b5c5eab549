import * as A from '@automerge/automerge';
import { describe, expect, it } from 'vitest';
import { genesisOf } from './genesis.ts';
import { actorPrefixOf, documentIdOf, genesisActorOf, shardOf } from './names.ts';
import type { Principal } from '../domain/ids.ts';

describe('genesis', () => {
  for (const [form, empty] of [
    ['list', { entries: [] }],
    ['map', { records: {} }],
  ] as const)
    it(`D2: a ${form} document begins with the very bytes that Automerge writes for it`, () => {
      const name = 'journal/S01/T1/0123456789abcdef/1';
      const doc = A.change(
        A.init<Record<string, unknown>>({ actor: genesisActorOf(name) }),
        { time: 0 },
        (d) => {
          Object.assign(d, empty);
        },
      );
      const genesis = genesisOf(name, form);
      expect(genesis.bytes).toEqual(A.getLastLocalChange(doc));
      expect(A.decodeChange(genesis.bytes).hash).toBe(genesis.hash);
      expect(A.getObjectId(doc, form === 'list' ? 'entries' : 'records')).toBe(genesis.object);
    });
  it('D1: names, ids and actors are frozen', () => {
    const name = 'journal/S01/T1/0123456789abcdef/1';
    expect({
      id: documentIdOf(name),
      actor: genesisActorOf(name),
      prefix: actorPrefixOf('S01-T1-0123456789abcdef' as Principal),
      hash: genesisOf(name, 'list').hash,
      shard: shardOf('85123A'),
    }).toMatchInlineSnapshot(`
      {
        "actor": "93cc80b43f2b0a66d9d36559df068088",
        "hash": "49e67187d71fdf2104da0fe9e1125f950dd99d6f98e88c652dfa28b134a20d70",
        "id": "tZK1npiLbAgnbuyesqLiHZtErch",
        "prefix": "67f6c569037d46ce",
        "shard": 15,
      }
    `);
  });
});
