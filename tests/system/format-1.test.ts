/**
 * Data written by the first version must be read by every later one, byte for byte (decision 0005). When this fails,
 * mend the code: shops have ten years of such files. The fixture is never written again.
 */
import * as A from '@automerge/automerge';
import type { DocumentId, Message } from '@automerge/automerge-repo';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalKeyOf, parseJournalKey, type JournalKey, type Sku } from '#lib/domain/ids.ts';
import { genesisOf } from '#lib/documents/genesis.ts';
import { names } from '#lib/documents/names.ts';
import { fromBase64Url } from '#lib/journal/bytes.ts';
import { readEntryChange } from '#lib/journal/canonical-change.ts';
import { readEntry } from '#lib/journal/entry.ts';
import { SampleReplica, syncMessage } from '#lib/replica/sample-replica.ts';
import { scanVerified } from '#lib/storage/node-chunks.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { pathOfKey } from '#lib/storage/storage-key.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { openRegister, sampleStore, sell } from '#lib/register/sample-register.ts';
import { verifyDirectory } from '#lib/register/verify.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';

type Expected = {
  files: Record<string, string>;
  shown: {
    incarnation: string;
    letter: string;
    release: number;
    businessDay: string;
    tips: Record<string, { segment: number; seq: number; hash: string }>;
    stock: { sku: string; quantityMilli: number }[];
    batches: { batch: string; quantityMilli: number }[];
    stockHash: string;
    totals: unknown;
    flags: Record<string, number>;
    notFolded: { unknown: number; refused: number };
  };
  verified: { journals: unknown; series: unknown; totals: unknown; stockHash: string };
};

const fixture = path.resolve(import.meta.dirname, '../fixtures/format-1');
const expected = JSON.parse(fs.readFileSync(`${fixture}/expected.json`, 'utf8')) as Expected;

let root: string;
let directory: string;
beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-format-1-'));
  directory = `${root}/data`;
  fs.cpSync(`${fixture}/data`, directory, { recursive: true });
  // As a till keeps it: what a clone of the project brings is open to all.
  closeAll(directory);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function filesOf(of: string): Record<string, string> {
  const names = fs.readdirSync(of, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => fs.statSync(`${of}/${name}`).isFile())
      .map((name) => [
        name.split(path.sep).join('/'),
        createHash('sha256')
          .update(fs.readFileSync(`${of}/${name}`))
          .digest('hex'),
      ]),
  );
}

/** The chunks of a segment's file, the genesis first. */
function journalChanges(journal: string, segment: number): Uint8Array[] {
  const bytes = nodeDisk.read(`${fixture}/data/journals/${journal}/${segment}.changes`);
  if (!bytes) throw new Error(`${journal} ${segment}`);
  return scanVerified(bytes).chunks.map(({ start, end }) => bytes.subarray(start, end));
}

/** The chain in a journal's first entry. */
function chainOf(journal: string): Uint8Array[] {
  const { hash, actor } = genesisOf(names.journal(journal as JournalKey, 1), 'list');
  const start = { hash, actor, actorSeq: 1, op: 1 };
  const [, first] = journalChanges(journal, 1);
  const { entry } = readEntry(readEntryChange(first ?? new Uint8Array(), start).blob);
  const { chain } = entry.body as { chain: string[] };
  return chain.map((text) => fromBase64Url(text) ?? new Uint8Array());
}

function closeAll(directory: string): void {
  fs.chmodSync(directory, 0o700);
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) closeAll(at);
    else fs.chmodSync(at, 0o600);
  }
}

/** A document of the fixture, from all its pieces. */
function documentOf(id: DocumentId): A.Doc<unknown> | undefined {
  const root = pathOfKey(`${fixture}/data/documents`, [id]);
  if (!fs.existsSync(root)) return undefined;
  let doc = A.init<unknown>();
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const bytes = nodeDisk.read(`${root}/${name}`);
    if (bytes) doc = A.loadIncremental(doc, bytes);
  }
  return doc;
}

describe('data of format 1', () => {
  it('S12: the fixture is what the first version wrote', () => {
    expect(filesOf(`${fixture}/data`)).toEqual(expected.files);
    expect(Object.keys(expected.files).filter((name) => name.startsWith('journals/'))).toHaveLength(
      5,
    );
  });

  it('S12, W8: verify finds it sound, with every figure as it was, and changes nothing', async () => {
    const result = await verifyDirectory(directory);
    expect(result.problems).toEqual([]);
    const { journals, series, totals, stockHash } = result;
    expect({ journals, series, totals, stockHash }).toEqual(expected.verified);
    expect(filesOf(directory)).toEqual(expected.files);
  });

  it('S12: a peer of a later version takes every document as it was written', () => {
    const identity = new IdentityStore(nodeDisk, `${fixture}/data/identity`);
    const [enrolled, living] = [identity.enrolled(), identity.living()];
    if (!enrolled || !living) throw new Error('not enrolled');
    const peer = new SampleReplica({ company: enrolled, me: living });
    for (const journal of Object.keys(expected.shown.tips)) {
      peer.registry.learnJournal(journal as JournalKey, 3);
      const first = journalChanges(journal, 1)[1];
      expect(first?.length).toBeGreaterThan(1_000);
    }
    let changes = 0;
    for (const rule of peer.registry.rules()) {
      if (rule.kind === 'journal') continue;
      const doc = documentOf(rule.id);
      if (!doc) continue;
      const all = A.getAllChanges(doc);
      const message = { type: 'sync', documentId: rule.id, data: syncMessage(all) } as Message;
      expect(peer.guard.inspect(message, living.principal)).toBe(message);
      changes += all.length;
    }
    // Roster, releases, org, catalogue, inventory, each with more than its genesis.
    expect(changes).toBeGreaterThan(25);
    for (const [journal, tip] of Object.entries(expected.shown.tips)) {
      const key = journal as JournalKey;
      if (key === journalKeyOf(living.identity)) continue;
      peer.meet({ identity: parseJournalKey(key), chain: chainOf(journal) });
      for (let segment = 1; segment <= tip.segment; segment++) {
        const rule = peer.registry.journalRule(key, segment);
        if (!rule) throw new Error('not admitted');
        peer.guard.journalChanges(rule, journalChanges(journal, segment), living.principal);
      }
      expect(peer.journals.tip(key)).toEqual(tip);
    }
  });

  it('S12: a register starts on it in the same life, with the same tips, figures and prices, and sells on', async () => {
    const register = await openRegister({
      directory,
      company: await SampleCompany.create('not asked'),
      terminal: await (await SampleCompany.create('not asked')).terminal('S01', 'T1'),
      seed: 'a later start',
      onEvent: (event) => {
        if (event.kind === 'error' || event.kind === 'fault' || event.kind === 'damaged')
          throw new Error(JSON.stringify(event));
      },
    });
    const { models, living, replica } = register;
    const { shown } = expected;
    expect({
      incarnation: living.incarnation,
      letter: living.letter,
      release: register.release,
      tips: Object.fromEntries(replica.tips()),
      stock: models.stockAll(),
      batches: models.batches('MILK' as Sku),
      stockHash: models.stockHash(),
      totals: models.totals(),
      flags: models.flagCounts(),
      notFolded: models.notFolded(),
      businessDay: register.businessDay,
    }).toEqual(shown);
    expect(register.org.settings).toMatchObject({ currency: 'EUR', taxMode: 'inclusive' });
    expect(register.org.operator('max')?.roles).toEqual(['manager']);
    expect(orgKeys.operator(sampleStore, 'max')).toBe('operator/S01/max');
    expect(models.product('TEASET' as Sku)).toMatchObject({
      names: 'Tea for two “deluxe”',
      prices: [{ unitPriceE4: 79_950 }],
    });
    const own = replica.own.key;
    const { seq } = shown.tips[own] ?? { seq: 0 };
    expect(sell(register, 'a-later-version', [{ sku: 'TEA', quantityMilli: 1_000 }])).toMatchObject(
      {
        seq: seq + 1,
        number: 'S01-T1A-S-8',
      },
    );
    // A command of the first version is still known.
    expect(register.execute({ kind: 'CloseDay', command: 'close-T1-1', by: 'max' })).toMatchObject({
      outcome: 'repeated',
      number: 'S01-T1A-Z-1',
    });
    await register.stop();
    for (const name of Object.keys(expected.files)) {
      if (!name.startsWith('journals/')) continue;
      const [before, after] = [`${fixture}/data`, directory].map((of) =>
        fs.readFileSync(`${of}/${name}`),
      );
      if (!before || !after) throw new Error(name);
      expect([name, after.subarray(0, before.length).equals(before)]).toEqual([name, true]);
      expect([name, after.length > before.length]).toEqual([
        name,
        name === `journals/${own}/3.changes`,
      ]);
    }
    expect((await verifyDirectory(directory)).problems).toEqual([]);
  });
});
