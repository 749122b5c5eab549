/**
 * A record that is signed by itself, for documents that are lists of them: roster, status, releases, notices, inventory.
 * Bytes = canonical JSON `{v: 1, kind, …, by, sig}`. Says who signed what; whether that one may is the document's matter.
 */
import { TillmeshError } from '../domain/errors.ts';
import { isPrincipal, type Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes, fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { decodeCanonical, encodeCanonical, type Json } from '../journal/canonical-json.ts';
import type { Signer, Verifier } from '../journal/envelope.ts';

export type RecordFields = Readonly<Record<string, Json>>;

export type SignedRecord = {
  readonly kind: string;
  readonly fields: RecordFields;
  readonly by: Principal;
};

const kindShape = /^[a-z][a-z0-9-]{0,39}$/;
const reserved = ['v', 'kind', 'by', 'sig'] as const;

// The same keys sign journal entries, whose signed bytes begin with `{`: neither can stand for the other.
const domain = new TextEncoder().encode('tillmesh/1/record:');

/** Signs and encodes. Throws INVARIANT for a field with a name of the envelope, OVER_LIMIT, and as `encodeCanonical`. */
export function sealRecord(
  kind: string,
  fields: RecordFields,
  by: Principal,
  signer: Signer,
): Uint8Array {
  const taken = reserved.find((name) => Object.hasOwn(fields, name));
  if (taken !== undefined || !kindShape.test(kind))
    throw new TillmeshError('INVARIANT', `record ${kind} with a field ${taken ?? ''}`);
  const unsigned = { ...fields, v: 1, kind, by };
  const sig = toBase64Url(signer(concatBytes([domain, encodeCanonical(unsigned)])));
  const bytes = encodeCanonical({ ...unsigned, sig });
  if (bytes.length > limits.recordBytes)
    throw new TillmeshError('OVER_LIMIT', `record ${kind} of ${bytes.length} bytes`);
  return bytes;
}

/**
 * Reads and checks. `verifierOf` gives undefined for principals that are not known.
 * Throws OVER_LIMIT, ENTRY_MALFORMED, ENTRY_FORGED.
 */
export function openRecord(
  bytes: Uint8Array,
  verifierOf: (by: Principal) => Verifier | undefined,
): SignedRecord {
  if (bytes.length > limits.recordBytes)
    throw new TillmeshError('OVER_LIMIT', `record of ${bytes.length} bytes`);
  const value = decodeCanonical(bytes);
  if (value === null || typeof value !== 'object' || isList(value)) malformed('no object');
  const { sig, ...unsigned } = value;
  const { v, kind, by, ...fields } = unsigned;
  if (v !== 1) malformed('version');
  if (typeof kind !== 'string' || !kindShape.test(kind)) malformed('kind');
  if (!isPrincipal(by)) malformed('by');
  const signature = typeof sig === 'string' ? fromBase64Url(sig) : undefined;
  if (signature?.length !== 64) malformed('sig');
  const message = concatBytes([domain, encodeCanonical(unsigned)]);
  if (verifierOf(by)?.(message, signature) !== true)
    throw new TillmeshError('ENTRY_FORGED', `record ${kind} by ${by}`);
  return { kind, fields, by };
}

// `Array.isArray` alone does not narrow a readonly array away.
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function malformed(what: string): never {
  throw new TillmeshError('ENTRY_MALFORMED', `record: ${what}`);
}
