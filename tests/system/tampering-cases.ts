/**
 * What a hand can do to the directory of a stopped till, and what must be found: by the till at its start, by other tills
 * and head office once they hear of it, by `verify`. `docs/tampering.md` is made of this table and of what really came out.
 */
import * as A from '@automerge/automerge';
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { names, shardOf } from '#lib/documents/names.ts';
import type { ListDocument, MapDocument } from '#lib/documents/genesis.ts';
import { concatBytes } from '#lib/journal/bytes.ts';
import { decodeCanonical, encodeCanonical } from '#lib/journal/canonical-json.ts';
import { readEntryChange, writeEntryChange } from '#lib/journal/canonical-change.ts';
import { sealEntry } from '#lib/journal/entry.ts';
import type { Entry } from '#lib/journal/envelope.ts';
import { sampleStore } from '#lib/register/sample-register.ts';
import { closeSegment, openSegment, relinked, withEdit } from '#lib/register/sample-tampering.ts';
import { sealedPaths } from '#lib/storage/directory-seal.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { newKeyPair, privateKeyPem } from '#lib/trust/keys.ts';
import { pemOf } from '#lib/trust/pem.ts';
import { copyDirectory, pullThePlug, sealAnew, type Copy, type Found } from './tampering-ground.ts';

export type Case = {
  readonly group: string;
  readonly what: string;
  readonly edit: (copy: Copy) => void;
  /** Each of these must be among what is found; more may be. A sentence: why nothing can be. */
  readonly start: readonly Found[] | string;
  readonly told: readonly Found[] | string;
  readonly verify: readonly Found[] | string;
  /** Another machine than the till was stopped on. */
  readonly machineId?: string;
  /** A number may come again, and why: it is then flagged everywhere. */
  readonly repeats?: string;
};

const dearer = (entry: Entry): Entry => ({ ...entry, body: { ...entry.body, totalMinor: 1 } });

function editSegment(
  copy: Copy,
  which: 'keyOne' | 'keyTwo',
  n: number,
  edit: (segment: ReturnType<typeof openSegment>) => Uint8Array,
): void {
  const key = copy.ground[which];
  const file = copy.segment(key, n);
  copy.write(file, edit(openSegment(copy.read(file), key, n)));
}

function flip(copy: Copy, file: string, place = 0.5): void {
  const bytes = copy.read(file);
  const at = Math.floor(bytes.length * place);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  copy.write(file, bytes);
}

function sql(copy: Copy, statement: string): void {
  const database = new DatabaseSync(copy.path('projections.db'));
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

/** A document as a hand with Automerge at hand leaves it: every checksum fits, no signature does. */
function editMap(copy: Copy, name: string, edit: (records: Record<string, Uint8Array>) => void) {
  const doc = A.load<MapDocument>(copy.read(copy.piece(name)));
  const next = A.change(doc, (draft) => edit(draft.records));
  copy.write(copy.piece(name), A.save(next));
}

/** Head office's own list with its first record written otherwise. */
function editList(copy: Copy, name: string, edit: (record: Record<string, unknown>) => object) {
  const doc = A.load<ListDocument>(copy.read(copy.piece(name)));
  const next = A.change(doc, (draft) => {
    const record = decodeCanonical(new Uint8Array(draft.entries[0] ?? new Uint8Array()));
    draft.entries[0] = encodeCanonical(edit(record as Record<string, unknown>));
  });
  copy.write(copy.piece(name), A.save(next));
}

function editJson(copy: Copy, file: string, edit: (value: Record<string, unknown>) => object) {
  copy.write(file, JSON.stringify(edit(JSON.parse(copy.text(file)) as Record<string, unknown>)));
}

/** The last sale for less, signed with the till's own key, and everything made to fit: the work of a program. */
function rewriteTail(copy: Copy): void {
  const identity = new IdentityStore(nodeDisk, copy.path('identity'));
  const living = identity.living();
  if (!living) throw new Error('no life');
  editSegment(copy, 'keyOne', 3, ({ genesis, start, changes, entries }) => {
    const last = entries.at(-1);
    const before = changes.at(-2);
    if (!last || !before) throw new Error('too short');
    const { sig: _sig, ...unsigned } = dearer(last);
    const { actor } = last;
    const place = readEntryChange(before, start).place;
    const sealed = sealEntry(unsigned, living.signer);
    const change = writeEntryChange(sealed.bytes, actor, place, start).bytes;
    return concatBytes([genesis, ...changes.slice(0, -1), change]);
  });
  copy.remove('projections.db');
  sealAnew(copy.directory);
}

function restore(copy: Copy, from: string): void {
  copyDirectory(from, copy.directory);
}

const seen = (...found: Found[]): { start: Found[]; told: Found[] } => ({
  start: found,
  told: found,
});
const segmentOf = (journal: string, n: number): string => `journals/${journal}/${n}.changes`;
const edited = (where: string): Found => ['FILE_EDITED', where];
const pen = names.catalog(shardOf('PEN'));
const notStarted = 'it does not start, and so tells nobody: they see that it is not there';

export const cases: readonly Case[] = [
  // ---- The own journal
  ...ownJournal(),
  // ---- The journal of another till
  ...foreignJournal(),
  ...readModels(),
  ...documents(),
  ...identityFiles(),
  ...places(),
  ...afterAPowerCut(),
];

function ownJournal(): Case[] {
  const group = 'The till’s own journal';
  const first = segmentOf('T1', 1);
  const last = segmentOf('T1', 3);
  const damaged = seen(
    edited(first),
    ['JOURNAL_DAMAGED', first],
    ['LIFE_RESTORED', 'identity/current.json'],
  );
  const lastDamaged = seen(
    edited(last),
    ['JOURNAL_DAMAGED', last],
    ['LIFE_RESTORED', 'identity/current.json'],
  );
  const gone = (n: number, seq: number): { start: Found[]; told: Found[] } =>
    seen(
      ['FILE_GONE', segmentOf('T1', n)],
      ['JOURNAL_CUT', 'journals/T1', seq],
      ['LIFE_RESTORED', 'identity/current.json'],
    );
  return [
    {
      group,
      what: 'one bit of a sealed day is flipped',
      edit: (copy) => flip(copy, copy.segment(copy.ground.keyOne, 1)),
      ...damaged,
      verify: [['damaged', first]],
    },
    {
      group,
      what: 'the amount of a sale is changed, and the checksum of its part made to fit',
      edit: (copy) => editSegment(copy, 'keyOne', 1, (segment) => withEdit(segment, 3, dearer)),
      ...damaged,
      verify: [['edited', first, 4]],
    },
    {
      group,
      what: 'the amount of a sale is changed, and every hash after it made to fit; only signatures cannot be',
      edit: (copy) =>
        editSegment(copy, 'keyOne', 3, (segment) =>
          relinked(
            segment,
            segment.entries.map((entry, at) => (at === 1 ? dearer(entry) : entry)),
            segment.entries[0]?.prev ?? '-',
          ),
        ),
      ...lastDamaged,
      verify: [['edited', last, 24]],
    },
    {
      group,
      what: 'a sale is cut out of the middle of a day',
      edit: (copy) =>
        editSegment(copy, 'keyOne', 1, ({ genesis, changes }) =>
          closeSegment(genesis, changes.toSpliced(3, 1)),
        ),
      ...damaged,
      verify: [['missing', first, 4]],
    },
    {
      group,
      what: 'two sales change places',
      edit: (copy) =>
        editSegment(copy, 'keyOne', 1, ({ genesis, changes }) => {
          const [a, b] = [changes[3], changes[4]];
          if (!a || !b) throw new Error('too short');
          return closeSegment(genesis, changes.toSpliced(3, 2, b, a));
        }),
      ...damaged,
      verify: [['edited', first]],
    },
    {
      group,
      what: 'the last two sales are cut off cleanly',
      edit: (copy) =>
        editSegment(copy, 'keyOne', 3, ({ genesis, changes }) =>
          closeSegment(genesis, changes.slice(0, -2)),
        ),
      ...seen(
        edited(last),
        ['JOURNAL_CUT', 'journals/T1', 24],
        ['LIFE_RESTORED', 'identity/current.json'],
      ),
      verify: [
        ['edited', last],
        ['missing', 'projections.db', 24],
      ],
    },
    {
      group,
      what: 'the file is cut in the middle of the last sale',
      edit(copy) {
        const file = copy.segment(copy.ground.keyOne, 3);
        copy.write(file, copy.read(file).subarray(0, -7));
      },
      ...seen(edited(last), ['LIFE_RESTORED', 'identity/current.json']),
      verify: [['torn', last]],
    },
    {
      group,
      what: 'a whole day is deleted',
      edit: (copy) => copy.remove(copy.segment(copy.ground.keyOne, 2)),
      ...gone(2, 11),
      verify: [['missing', segmentOf('T1', 2), 11]],
    },
    {
      group,
      what: 'the last day is deleted',
      edit: (copy) => copy.remove(copy.segment(copy.ground.keyOne, 3)),
      ...gone(3, 23),
      verify: [['missing', last]],
    },
    {
      group,
      what: 'the whole journal is deleted',
      edit: (copy) => copy.remove(`journals/${copy.ground.keyOne}`),
      ...seen(['FILE_GONE', first], ['LIFE_RESTORED', 'identity/current.json']),
      verify: [['missing', 'journals/T1']],
    },
    {
      group,
      what: 'a day of another till is put in its place',
      edit: (copy) =>
        copy.write(
          copy.segment(copy.ground.keyOne, 1),
          copy.read(copy.segment(copy.ground.keyTwo, 1)),
        ),
      ...damaged,
      verify: [['damaged', first]],
    },
    {
      group,
      what: 'the last sale is written anew and signed with the till’s own key, read models and seal made anew (a program of the owner’s)',
      edit: rewriteTail,
      start: [['JOURNAL_REWRITTEN', 'journals/T1', 25]],
      told: [
        ['JOURNAL_REWRITTEN', 'journals/T1', 25],
        ['terminal-fork', 'T1', 25],
      ],
      verify: [['edited', 'journals/T1', 25]],
      repeats: 'the number of the last sale stands on two documents, and both are flagged',
    },
  ];
}

function foreignJournal(): Case[] {
  const group = 'The journal of another till, as it is kept here';
  const file = segmentOf('T2', 1);
  const damaged = seen(edited(file), ['JOURNAL_DAMAGED', file]);
  return [
    {
      group,
      what: 'the amount of a sale is changed, and the checksum made to fit',
      edit: (copy) => editSegment(copy, 'keyTwo', 1, (segment) => withEdit(segment, 3, dearer)),
      ...damaged,
      verify: [['edited', file, 4]],
    },
    {
      group,
      what: 'a sale is cut out of the middle',
      edit: (copy) =>
        editSegment(copy, 'keyTwo', 1, ({ genesis, changes }) =>
          closeSegment(genesis, changes.toSpliced(3, 1)),
        ),
      ...damaged,
      verify: [['missing', file, 4]],
    },
    {
      group,
      what: 'the last three sales are cut off cleanly',
      edit: (copy) =>
        editSegment(copy, 'keyTwo', 1, ({ genesis, changes }) =>
          closeSegment(genesis, changes.slice(0, -3)),
        ),
      ...seen(edited(file), ['JOURNAL_CUT', 'journals/T2', 15]),
      verify: [['missing', 'journals/T2']],
    },
    {
      group,
      what: 'it is deleted',
      edit: (copy) => copy.remove(`journals/${copy.ground.keyTwo}`),
      ...seen(['FILE_GONE', file]),
      verify: [
        ['missing', file],
        ['missing', 'journals/T2'],
      ],
    },
  ];
}

function readModels(): Case[] {
  const group = 'Stock, sales and totals as they are kept for screens (projections.db)';
  const where = 'projections.db';
  const found = seen(edited(where), ['READ_MODELS_EDITED', where]);
  const verify: Found[] = [
    ['edited', where],
    ['differs', where],
  ];
  const change = (what: string, statement: string): Case => ({
    group,
    what,
    edit: (copy) => sql(copy, statement),
    ...found,
    verify,
  });
  return [
    change(
      'a stock figure is changed',
      `update stock set quantity = quantity + 5000 where sku = 'TEA'`,
    ),
    change(
      'the last sale’s row is deleted, so that its number would come again',
      `delete from documents where entry = (select max(entry) from documents)`,
    ),
    change('the last number of a series is set back', `update numbers set last = last - 3`),
    change('a flag’s row is deleted', `delete from flags`),
    change('the cursor of a journal is moved', `update journals set tip_seq = tip_seq + 5`),
    {
      group,
      what: 'the file is replaced by an older one',
      edit: (copy) => fs.copyFileSync(`${copy.ground.older}/projections.db`, copy.path(where)),
      ...found,
      verify: [['edited', where]],
    },
    {
      group,
      what: 'the file is deleted',
      edit: (copy) => copy.remove(where),
      ...seen(['FILE_GONE', where]),
      verify: [['missing', where]],
    },
  ];
}

function documents(): Case[] {
  const group = 'Documents of head office and of the store';
  const at = (name: string): string => `documents: ${name}`;
  return [
    {
      group,
      what: 'a price is lowered in the catalogue, with fitting checksums',
      edit: (copy) =>
        editMap(copy, pen, (records) => {
          records['PEN'] = encodeCanonical({ v: 1, sku: 'PEN', names: 'Pen', barcodes: [] });
        }),
      ...seen(edited(at(pen))),
      verify: [
        ['edited', at(pen)],
        ['edited', pen],
      ],
    },
    {
      group,
      what: 'a cashier is made a manager in the list of operators',
      edit: (copy) =>
        editMap(copy, names.org(), (records) => {
          const key = orgKeys.operator(sampleStore, 'ann');
          records[key] = encodeCanonical({ v: 1, id: 'ann', name: 'Ann', roles: ['manager'] });
        }),
      ...seen(edited(at('org'))),
      verify: [['edited', 'org']],
    },
    {
      group,
      what: 'a bit of the catalogue is flipped',
      edit: (copy) => flip(copy, copy.piece(pen)),
      ...seen(edited(at(pen))),
      verify: [['damaged', at(pen)]],
    },
    {
      group,
      what: 'a part of the catalogue is deleted',
      edit: (copy) => copy.remove(copy.folder(pen)),
      ...seen(['FILE_GONE', at(pen)]),
      verify: [['missing', pen]],
    },
    {
      group,
      what: 'a signed release is changed',
      edit: (copy) => editList(copy, names.releases(), (record) => ({ ...record, n: 9 })),
      ...seen(edited(at('releases'))),
      verify: [['edited', 'releases']],
    },
    {
      group,
      what: 'the releases are rolled back to an older list',
      edit(copy) {
        const folder = copy.folder(names.releases());
        copy.remove(folder);
        fs.cpSync(`${copy.ground.older}/${folder}`, copy.path(folder), { recursive: true });
      },
      ...seen(['FILE_GONE', at('releases')]),
      verify: [
        ['missing', at('releases')],
        ['missing', 'releases'],
      ],
    },
    {
      group,
      what: 'head office’s word on the archive is changed',
      edit: (copy) =>
        editList(copy, names.status(sampleStore), (record) => ({ ...record, generation: 7 })),
      ...seen(edited(at('status/S01'))),
      verify: [['edited', 'status/S01']],
    },
    {
      group,
      what: 'the notices are deleted, and the revocations with them',
      edit: (copy) => copy.remove(copy.folder(names.notices(sampleStore))),
      ...seen(['FILE_GONE', at('notices/S01')]),
      verify: [['missing', at('notices/S01')]],
    },
    {
      group,
      what: 'the roster of the store is deleted',
      edit: (copy) => copy.remove(copy.folder(names.roster(sampleStore))),
      ...seen(['FILE_GONE', at('roster/S01')]),
      verify: [['missing', at('roster/S01')]],
    },
    {
      group,
      what: 'a period of the inventory is deleted',
      edit(copy) {
        for (const path of sealedPaths(nodeDisk, copy.directory))
          if (path.startsWith('documents/') && isInventory(copy, path)) copy.remove(path);
      },
      ...seen(['FILE_GONE', at('inventory/T1')]),
      verify: [['missing', at('inventory/T1')]],
    },
  ];
}

/** Of all documents that are kept it is the one that head office did not plant. */
const isInventory = (copy: Copy, path: string): boolean => {
  const [, first = '', second = ''] = path.split('/');
  return ![...copy.ground.office.registry.rules()].some(({ id }) => id === first + second);
};

function identityFiles(): Case[] {
  const group = 'Who the till is';
  const current = 'identity/current.json';
  return [
    {
      group,
      what: 'the key of its present life is swapped for a new one',
      edit: (copy) =>
        editJson(copy, current, (value) => ({
          ...value,
          key: privateKeyPem(newKeyPair((length) => new Uint8Array(length).fill(7)).privateKey),
        })),
      ...seen(['IDENTITY_DAMAGED', current], edited(current), ['LIFE_RESTORED', current]),
      verify: [
        ['damaged', current],
        ['edited', current],
      ],
    },
    {
      group,
      what: 'the present life of another till is put in its place',
      edit: (copy) =>
        fs.copyFileSync(`${copy.ground.two.directory}/${current}`, copy.path(current)),
      ...seen(['IDENTITY_FOREIGN', current], edited(current), ['LIFE_RESTORED', current]),
      verify: [['edited', current]],
    },
    {
      group,
      what: 'the certificate is swapped for another till’s',
      edit: (copy) =>
        fs.copyFileSync(
          `${copy.ground.two.directory}/identity/terminal.pem`,
          copy.path('identity/terminal.pem'),
        ),
      start: [['FILE_DAMAGED', 'terminal.key is not of terminal.pem']],
      told: notStarted,
      verify: [['edited', 'identity/terminal.pem']],
    },
    {
      group,
      what: 'the company’s root is swapped for another company’s',
      edit: (copy) => copy.write('identity/ca.pem', pemOf(copy.ground.otherCompany.caDer)),
      start: [['FILE_DAMAGED', 'terminal.pem']],
      told: notStarted,
      verify: [['edited', 'identity/ca.pem']],
    },
    {
      group,
      what: 'the binding to the machine is edited',
      edit: (copy) =>
        editJson(copy, current, (value) => ({
          ...value,
          binding: { ...(value['binding'] as object), machineId: 'another' },
        })),
      ...seen(edited(current), ['LIFE_COPIED', current]),
      verify: [['edited', current]],
    },
    {
      group,
      what: 'the witness outside the directory is deleted',
      edit: (copy) => fs.rmSync(copy.witness, { recursive: true }),
      ...seen(['WITNESS_GONE', 'witness/T1.witness']),
      verify: [['missing', 'witness/T1.witness']],
    },
    {
      group,
      what: 'the witness is set back',
      edit(copy) {
        fs.rmSync(copy.witness, { recursive: true });
        copyDirectory(`${copy.ground.older}-witness`, copy.witness);
      },
      ...seen(['WITNESS_GONE', 'witness/T1.witness']),
      verify: [['missing', 'witness/T1.witness']],
    },
    {
      group,
      what: 'the witness is edited to a number that was never used',
      edit(copy) {
        for (const name of fs.readdirSync(copy.witness))
          if (name.endsWith('.witness')) flip(copy, `witness/${name}`, 0.9);
      },
      ...seen(['WITNESS_GONE', 'witness/T1.witness']),
      verify: [['missing', 'witness/T1.witness']],
    },
  ];
}

function places(): Case[] {
  const group = 'Small files, rights, and the directory as a whole';
  const gone = (what: string, file: string): Case => ({
    group,
    what,
    edit: (copy) => copy.remove(file),
    ...seen(['FILE_GONE', file]),
    verify: [['missing', file]],
  });
  return [
    gone('the counts of wrong PINs are deleted: they must not begin anew', 'wrong-pins.json'),
    {
      group,
      what: 'a barred till is let back in by hand',
      edit: (copy) => copy.write('bars.json', '[]'),
      ...seen(edited('bars.json')),
      verify: [['edited', 'bars.json']],
    },
    {
      group,
      what: 'a number that was given to a new till is taken out of the list',
      edit: (copy) => editJson(copy, 'enrolments.json', (value) => ({ ...value, given: [] })),
      ...seen(edited('enrolments.json')),
      verify: [['edited', 'enrolments.json']],
    },
    {
      group,
      what: 'the directory is made one of a later version',
      edit: (copy) => copy.write('format.json', '{"format":99,"role":"register"}'),
      start: [['DIRECTORY_NEWER', ' has format 99, this version reads up to 1']],
      told: notStarted,
      verify: [['DIRECTORY_NEWER', ' has format 99, this version reads up to 1']],
    },
    {
      group,
      what: 'the token of the API is made readable for all',
      edit: (copy) => fs.chmodSync(copy.path('api-token'), 0o644),
      ...seen(['MODE_OPEN', 'api-token']),
      verify: [['open', 'api-token']],
    },
    {
      group,
      what: 'the directory is opened to everybody',
      edit: (copy) => fs.chmodSync(copy.directory, 0o777),
      ...seen(['MODE_OPEN', '.']),
      verify: [['open', '.']],
    },
    {
      group,
      what: 'the seal is deleted',
      edit: (copy) => copy.remove('seal.json'),
      ...seen(['SEAL_GONE', 'seal.json']),
      verify: [['missing', 'seal.json']],
    },
    {
      group,
      what: 'the seal is edited, so that it fits a file that was',
      edit(copy) {
        copy.write('bars.json', '[]');
        const [mac, text = ''] = copy.text('seal.json').split('\n');
        copy.write('seal.json', `${mac}\n${text.replace('"size":3', '"size":2')}\n`);
      },
      ...seen(['SEAL_FALSE', 'seal.json']),
      verify: [['edited', 'seal.json']],
    },
    {
      group,
      what: 'an older backup is put back, the witness stays',
      edit(copy) {
        fs.rmSync(copy.directory, { recursive: true });
        restore(copy, copy.ground.older);
      },
      ...seen(['DIRECTORY_SET_BACK', '.'], ['LIFE_RESTORED', 'identity/current.json']),
      verify: [['set back', '.']],
    },
    {
      group,
      what: 'an older backup is put back together with its witness',
      edit(copy) {
        fs.rmSync(copy.directory, { recursive: true });
        fs.rmSync(copy.witness, { recursive: true });
        restore(copy, copy.ground.older);
        copyDirectory(`${copy.ground.older}-witness`, copy.witness);
      },
      start:
        'everything is as it was then; a till that is linked at its start is told by the first peer, and begins a new series before it sells',
      told: [['terminal-fork', 'T1', 14]],
      verify:
        'everything is as it was then; `--against` another till’s directory names what is missing',
      repeats:
        'alone and with nothing that remembers, the till goes on from then; the fork is flagged at the first link',
    },
    {
      group,
      what: 'the directory is copied to another machine',
      edit: () => undefined,
      machineId: 'another',
      ...seen(['LIFE_COPIED', 'identity/current.json']),
      verify: 'a copy is as sound as what it is a copy of',
    },
  ];
}

/** Without the seal of an orderly stop, which a hand avoids by pulling the plug first. */
function afterAPowerCut(): Case[] {
  const group = 'After the plug was pulled, so that no seal of an orderly stop is there';
  const cut = (asked: Omit<Case, 'group'>): Case => ({
    group,
    ...asked,
    edit(copy) {
      pullThePlug(copy.directory);
      asked.edit(copy);
    },
  });
  const first = segmentOf('T1', 1);
  return [
    cut({
      what: 'the amount of a sale of a sealed day is changed, and the checksum made to fit',
      edit: (copy) => editSegment(copy, 'keyOne', 1, (segment) => withEdit(segment, 3, dearer)),
      ...seen(['JOURNAL_DAMAGED', first], ['LIFE_RESTORED', 'identity/current.json']),
      verify: [['edited', first, 4]],
    }),
    cut({
      what: 'the last two sales are cut off cleanly, and the read models deleted',
      edit(copy) {
        editSegment(copy, 'keyOne', 3, ({ genesis, changes }) =>
          closeSegment(genesis, changes.slice(0, -2)),
        );
        copy.remove('projections.db');
      },
      ...seen(['JOURNAL_CUT', 'journals/T1', 24], ['LIFE_RESTORED', 'identity/current.json']),
      verify: [['missing', 'journals/T1', 25]],
    }),
    cut({
      what: 'the last sales of another till are cut off cleanly, and the read models deleted',
      edit(copy) {
        editSegment(copy, 'keyTwo', 1, ({ genesis, changes }) =>
          closeSegment(genesis, changes.slice(0, -5)),
        );
        copy.remove('projections.db');
      },
      ...seen(['JOURNAL_CUT', 'journals/T2']),
      verify: [['missing', 'journals/T2']],
    }),
    cut({
      what: 'the last number of a series is set back',
      edit: (copy) => sql(copy, `update numbers set last = last - 3`),
      ...seen(['READ_MODELS_EDITED', 'projections.db']),
      verify: [['differs', 'projections.db']],
    }),
    cut({
      what: 'a stock figure is changed',
      edit: (copy) => sql(copy, `update stock set quantity = quantity + 5000 where sku = 'TEA'`),
      start: 'read models are folded on from where they are after a power cut, and not compared',
      told: 'nobody else has these read models',
      verify: [['differs', 'projections.db']],
    }),
    cut({
      what: 'the counts of wrong PINs are deleted',
      edit: (copy) => copy.remove('wrong-pins.json'),
      ...seen(['FILE_GONE', 'wrong-pins.json']),
      verify: [['missing', 'wrong-pins.json']],
    }),
    cut({
      what: 'a bit of the catalogue is flipped',
      edit: (copy) => flip(copy, copy.piece(pen)),
      ...seen(['DOCUMENT_DAMAGED', `documents: ${pen}`]),
      verify: [['damaged', `documents: ${pen}`]],
    }),
  ];
}
