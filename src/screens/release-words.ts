/** What is said of a release: what it changed, who signed it, which till has it. Pure. */
import { catalogShards } from '#lib/documents/catalog-shards.ts';

import type { ReleasesHere, ReleaseView } from '#lib/domain/releases.ts';
import type { HqReleases } from '#lib/host/releases.ts';
import { texts } from '../texts/english.ts';
import { formatMoment } from '../texts/format.ts';

const words = texts.releases;

/** Documents that are named one by one. */
const namedDocuments = 4;

export function changedWord({ changed }: Pick<ReleaseView, 'changed'>): string {
  const count = (prefix: string): number =>
    changed.filter((name) => name.startsWith(prefix)).length;
  const [catalog, terms] = [count('catalog/'), count('customer-terms/')];
  const parts = [
    ...(changed.includes('org') ? [documentWord('org')] : []),
    ...(catalog > 0 ? [words.documents.catalog(catalog, catalogShards)] : []),
    ...(terms > 0 ? [words.documents.terms(terms, catalogShards)] : []),
    ...changed
      .filter((name) => name !== 'org' && !/^(?:catalog|customer-terms)\//.test(name))
      .map(documentWord),
  ];
  return parts.length === 0 ? words.changedNothing : words.changed(parts.join('; '));
}

/** What a document of a release is to people: `catalog/3` → `products, part 4 of 16`. */
export function documentWord(name: string): string {
  if (name === 'org') return words.document.org;
  const [, kind, shard] = /^(catalog|customer-terms)\/(\d{1,4})$/.exec(name) ?? [];
  if (kind === undefined) return words.document.other(name);
  const { catalog, terms } = words.document;
  return (kind === 'catalog' ? catalog : terms)(Number(shard) + 1, catalogShards);
}

/** `Signed by HQ-HQ1, 20 Nov, 12:00, under issuing key 0a1b 2c3d 4e5f`. */
export function signedWord({ signedBy, atMs, issuerKey }: ReleaseView): string {
  const by = signedBy.slice(0, signedBy.lastIndexOf('-'));
  const signed = atMs === undefined ? words.signedBefore(by) : words.signed(by, formatMoment(atMs));
  return `${signed}, ${issuerKey === undefined ? words.underRoot : words.under(keyWord(issuerKey))}`;
}

/** Why a newer release is not in force; undefined where it is. */
export function waitingWord({ inForce, waiting, setBackFrom }: ReleasesHere): string | undefined {
  if (inForce && setBackFrom !== undefined) return words.here.setBack(inForce.n, setBackFrom);
  if (!waiting) return undefined;
  const { n, missing } = waiting;
  const named = missing.slice(0, namedDocuments).map(documentWord).join('; ');
  const more = missing.length - namedDocuments;
  const said = more > 0 ? words.here.and(named, more) : named;
  return inForce ? words.here.waiting(n, said) : words.here.waitingFirst(n, said);
}

type Till = HqReleases['stores'][number]['tills'][number];

export function tillWord({ terminal, linked, inForce }: Till, newest: number): string {
  const { till } = words;
  if (!linked) return till.away(terminal);
  if (inForce === undefined) return till.none(terminal);
  if (inForce === newest) return till.same(terminal);
  return inForce < newest ? till.older(terminal, inForce) : till.newer(terminal, inForce);
}

/** `0a1b 2c3d 4e5f`. */
const keyWord = (key: string): string =>
  [key.slice(0, 4), key.slice(4, 8), key.slice(8, 12)].join(' ');
