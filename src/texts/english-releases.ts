/** English texts on releases of head office's data: at a till and at head office. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

export const releaseTexts = {
  title: 'Releases',
  lead: 'What head office wants is put in force as a whole, by a release that a relay has signed. Nothing else changes prices, taxes or people.',
  empty:
    'Nothing was published yet. The first release is signed as soon as a store or a product is put to this relay.',
  name: (n: number) => `Release ${n}`,
  signed: (by: string, time: string) => `Signed by ${by}, ${time}`,
  signedBefore: (by: string) => `Signed by ${by}; when is not in it`,
  under: (key: string) => `under issuing key ${key}`,
  underRoot: 'under the company’s root itself',
  changed: (documents: string) => `Changed: ${documents}`,
  changedNothing: 'Changed nothing',
  documents: {
    catalog: (count: number, of: number) =>
      plural(count, {
        one: `# of ${of} parts of the products`,
        other: `# of ${of} parts of the products`,
      }),
    terms: (count: number, of: number) =>
      plural(count, {
        one: `# of ${of} parts of the customers’ terms`,
        other: `# of ${of} parts of the customers’ terms`,
      }),
  },
  byName: 'One by one',
  /** A document by itself; `n` counts from 1. */
  document: {
    org: 'stores, settings, taxes and people',
    catalog: (n: number, of: number) => `products, part ${n} of ${of}`,
    terms: (n: number, of: number) => `customers’ terms, part ${n} of ${of}`,
    other: (name: string) => `something that this version does not know (${name})`,
  },
  current: 'The newest',
  columns: { release: 'Release', signed: 'Signed', changed: 'What it changed' },
  tills: 'Who has it',
  noTills: 'No till has joined yet.',
  till: {
    same: (terminal: string) => `${terminal}: in force`,
    older: (terminal: string, n: number) => `${terminal}: still release ${n}`,
    newer: (terminal: string, n: number) => `${terminal}: release ${n}, which is not here`,
    none: (terminal: string) => `${terminal}: none yet`,
    away: (terminal: string) => `${terminal}: away`,
  },
  here: {
    title: 'Head office’s data',
    none: 'No release of head office has come to this till yet.',
    waiting: (n: number, missing: string) =>
      `Release ${n} is signed and not in force here. Not arrived in full: ${missing}. The other tills and head office are asked for it; until then the release before it stays.`,
    waitingFirst: (n: number, missing: string) =>
      `Release ${n} is signed and not in force here. Not arrived in full: ${missing}. The other tills and head office are asked for it.`,
    setBack: (n: number, from: number) =>
      `Release ${from} was in force here already, and the files of this till know only release ${n} now: a backup was restored, or somebody has set them back. The other tills and head office are asked for what is missing.`,
    and: (names: string, more: number) => `${names}; and ${more} more`,
  },
} as const;
