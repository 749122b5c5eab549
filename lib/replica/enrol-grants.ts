/**
 * Which tills may enrol others: records of head office in the store's roster that carry a till's certificate as such, so
 * that it reaches its till by any road, and everybody knows whose numbers are whose. Bound to the life that it was given
 * to: a copied or restored till cannot know which numbers were given since, and must not give them again.
 */
import { z } from 'zod';
import { documentIdOf, names } from '../documents/names.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { isPrincipal, type Principal, type StoreId, type TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { isWithin, type Enroller } from '../trust/certificate-names.ts';
import { verifyEnroller } from '../trust/chain.ts';
import type { RecordFields } from '../trust/signed-record.ts';
import { headOffice } from './keyring.ts';
import type { Replica } from './replica.ts';

export type EnrolGrant = {
  readonly till: Principal;
  readonly range: Enroller;
  /** [the till's certificate as such, …the company's]. */
  readonly issuers: readonly Uint8Array[];
};

const fieldsSchema = z.object({
  enrols: z.object({
    till: z.string().refine(isPrincipal),
    issuers: z
      .array(z.string().max(8_192))
      .min(1)
      .max(limits.chainCertificates - 2),
  }),
});

export const grantFields = (till: Principal, issuers: readonly Uint8Array[]): RecordFields => ({
  enrols: { till, issuers: issuers.map(toBase64Url) },
});

/** Every grant of a store whose roster is open here; `caDer` is the company's root. */
export function enrolGrants(
  { registry, records }: Pick<Replica, 'registry' | 'records'>,
  store: StoreId,
  caDer: Uint8Array,
): EnrolGrant[] {
  const roster = registry.rule(documentIdOf(names.roster(store)));
  if (roster?.kind !== 'records') return [];
  return records.records(roster).flatMap(({ by, fields }) => {
    if (by.identity.store !== headOffice) return [];
    const grant = grants.has(fields) ? grants.get(fields) : readGrant(fields, caDer);
    grants.set(fields, grant);
    return grant?.range.store === store ? [grant] : [];
  });
}

/** By the fields of their records, which live as long as the list does. */
const grants = new WeakMap<RecordFields, EnrolGrant | undefined>();

function readGrant(fields: RecordFields, caDer: Uint8Array): EnrolGrant | undefined {
  const read = fieldsSchema.safeParse(fields);
  if (!read.success) return undefined;
  const { till, issuers: texts } = read.data.enrols;
  const issuers = texts.map((text) => fromBase64Url(text) ?? new Uint8Array());
  const range = rangeOf(issuers, caDer);
  return range && { till, range, issuers };
}

/** Of whom a terminal's number is to be had, where a till has it to give. */
export const granteeOf = (
  grants: readonly EnrolGrant[],
  terminal: TerminalId,
): EnrolGrant | undefined => grants.find(({ range }) => isWithin(terminal, range));

function rangeOf(issuers: readonly Uint8Array[], caDer: Uint8Array): Enroller | undefined {
  try {
    const { company: _, ...range } = verifyEnroller(issuers, caDer);
    return range;
  } catch (error) {
    // A record by a later version, or by a relay that is not right: it grants nothing.
    if (!isTillmeshError(error)) throw error;
    return undefined;
  }
}
