/**
 * A register and a relay, whole, against peers that hold a valid certificate of the company: what a guard alone cannot
 * show. After every attack the victim sells, its honest peers are linked, nothing but its own observation was
 * written, and the attacker stays out, also after a restart.
 */
import * as A from '@automerge/automerge';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentIdOf } from '#lib/documents/names.ts';
import type { Principal } from '#lib/domain/ids.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { store } from '../simulation/goods.ts';
import { afterGreeting, beforeGreeting, harmless } from './frame-tables.ts';
import { Ground, roles } from './ground.ts';
import { journalAttacks } from './journal-attacks.ts';
import { listAttacks } from './list-attacks.ts';
import { attackerName, victimName } from './victim.ts';

let ground: Ground;
let rogue: NewIncarnation;
const consoleLog = vi.spyOn(console, 'log').mockImplementation(() => undefined);

beforeAll(async () => {
  ground = await Ground.open();
  rogue = await (await SampleCompany.create('rogue')).incarnation(store, 'T8');
});
afterAll(() => ground.close());

afterEach(() => {
  ground.leave();
  // automerge-repo writes whole messages to the console when one that it was handed makes it throw.
  expect(consoleLog, 'nothing malformed reached the repo').not.toHaveBeenCalled();
  for (const role of roles) expect(ground.network.node(role).faults).toEqual([]);
});

describe.each(roles)('N6: frames to a %s', (role) => {
  /** The tables name two fixed peers; names of this network are as long. */
  const renamed = (frame: Uint8Array | string, who: Principal): Uint8Array | string => {
    if (typeof frame === 'string') return frame;
    const names: readonly (readonly [string, string])[] = [
      [attackerName, who],
      [victimName, ground.replica(role).me.principal],
    ];
    const text = names.reduce(
      (all, [from, to]) => all.replaceAll(from, to),
      Buffer.from(frame).toString('latin1'),
    );
    return new Uint8Array(Buffer.from(text, 'latin1'));
  };
  const known = () => ground.theirs.id;

  it.each(beforeGreeting)('before the greeting, %s: barred', async (_name, frame) => {
    const before = ground.picture(role, known());
    const intruder = await ground.newcomer();
    const link = await ground.connectTo(role, intruder);
    link.raw(renamed(frame(), intruder.principal));
    await ground.expectBarred(role, link, 'FRAME_MALFORMED');
    expect(ground.picture(role, known())).toEqual(before);
  });

  it.each(afterGreeting)('after the greeting, %s: barred', async (_name, frame) => {
    const before = ground.picture(role, known());
    const intruder = await ground.newcomer();
    const link = await ground.linkTo(role, intruder);
    link.raw(renamed(frame(known()), intruder.principal));
    await ground.expectBarred(role, link, 'FRAME_MALFORMED');
    expect(ground.picture(role, known())).toEqual(before);
  });

  it('what is strange and does no harm is passed over', async () => {
    const intruder = await ground.newcomer();
    const link = await ground.linkTo(role, intruder);
    for (const [name, frame] of harmless) {
      link.raw(renamed(frame(), intruder.principal));
      await expect(link.answered(), name).resolves.toBeUndefined();
    }
  });

  it('P4: after all of it everybody agrees', () => ground.network.agreed());
});

describe.each(roles)('N7: journals of a %s', (role) => {
  describe.each(['sync', 'push'] as const)('by %s', (road) => {
    it.each(journalAttacks)('%s: barred with %s, nothing taken', async (_name, code, make) => {
      const { theirs } = ground;
      const intruder = await ground.newcomer();
      const { journal, changes } = make({ intruder, theirs });
      const link = await ground.linkTo(role, intruder);
      if (journal !== theirs) {
        link.introduce();
        await link.answered();
      }
      const before = ground.picture(role, theirs.id);
      if (road === 'sync') link.sync(journal.id, changes);
      else link.push(journal.journal, 1, changes);
      await ground.expectBarred(role, link, code);
      expect(ground.picture(role, theirs.id)).toEqual(before);
      ground.expectSelling(role);
    });
  });
});

describe.each(roles)('N7, P7: records and HQ’s data of a %s', (role) => {
  it.each(listAttacks)('%s: barred with %s, nothing taken', async (_name, code, make) => {
    const { network } = ground;
    const intruder = await ground.newcomer();
    const link = await ground.linkTo(role, intruder);
    /** As HQ has it, which has all of them in memory. */
    const doc = <T>(name: string): A.Doc<T> => {
      const handle = network.relay.replica.repo.handles[documentIdOf(name)];
      if (handle) return A.clone(handle.doc() as A.Doc<T>);
      const rule = network.relay.replica.registry.rule(documentIdOf(name));
      return A.load<T>(rule?.genesis.bytes ?? new Uint8Array());
    };
    const other = network.honest.replica.me;
    const hq = network.relay.replica.me;
    const { rule, changes } = make({ intruder, rogue, other, hq, doc });
    const before = ground.picture(role, rule.id);
    link.sync(rule.id, changes);
    await ground.expectBarred(role, link, code);
    expect(ground.picture(role, rule.id)).toEqual(before);
    ground.expectSelling(role);
  });
});

describe.each(roles)('a barred till at a %s', (role) => {
  it('stays out with every life of its terminal, also after a restart; events hold no contents', async () => {
    const terminal = await ground.network.company.terminal(store, 'Z99');
    const first = await ground.network.company.incarnationOf(terminal);
    const link = await ground.linkTo(role, first);
    link.push(ground.theirs.journal, 1, [
      ground.theirs.forge({ signer: first.signer, fields: { body: { secret: 'swordfish' } } })
        .bytes,
    ]);
    await ground.expectBarred(role, link, 'ENTRY_FORGED');
    expect(JSON.stringify(ground.network.node(role).events)).not.toContain('swordfish');
    const tries = async () => {
      for (const who of [first, await ground.network.company.incarnationOf(terminal)]) {
        const again = await ground.connectTo(role, who);
        again.greet();
        expect(await again.closed()).toBe(1008);
        expect(again.received).toEqual([]);
      }
    };
    await tries();
    await ground.network.restart(role);
    await tries();
    ground.expectSelling(role);
  });
});

describe.each(roles)('certificates at a %s', (role) => {
  it('T1: one of a self-made CA gets no link', async () => {
    const link = await ground.connectTo(role, rogue);
    expect(await link.closed()).not.toBe(1000);
    expect(ground.replica(role).mesh.peers).not.toContain(rogue.principal);
  });

  it('T1: one of the own CA that has expired gets one: an outage or a wrong clock cuts no LAN', async () => {
    const terminal = await ground.network.company.terminal(store, role === 'relay' ? 'X91' : 'X92');
    const longAgo = await ground.network.company.incarnationOf(terminal, Date.UTC(1999, 0, 1));
    const link = await ground.linkTo(role, longAgo);
    await link.answered();
    expect(ground.replica(role).mesh.peers).toContain(longAgo.principal);
  });
});
