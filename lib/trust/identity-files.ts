/** The JSON files of `<DATA>/identity/` as bytes and back. Every reader throws FILE_DAMAGED and never tells what was in it. */
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import {
  isIncarnationId,
  isSeriesLetter,
  type IncarnationId,
  type SeriesLetter,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import type { Enrolled } from './enrolment.ts';

/** Where the data directory was when the incarnation began (`lib/storage/binding.ts`), kept as it is given. */
export type StoredBinding = Readonly<Record<string, string>>;

export type StoredIncarnation = {
  readonly incarnation: IncarnationId;
  readonly letter: SeriesLetter;
  readonly binding: StoredBinding;
  readonly keyPem: string;
  /** DER: [incarnation, terminal, …issuers]. */
  readonly chain: readonly Uint8Array[];
};

/** What stays of an incarnation that has ended. */
export type PastIncarnation = Pick<StoredIncarnation, 'incarnation' | 'letter' | 'chain'> & {
  /** 1, 2, 3, … by beginning, within this directory. */
  readonly order: number;
};

const certificate = z.string().transform((text, context) => {
  const der = fromBase64Url(text);
  if (der === undefined) context.addIssue('not base64url');
  return der ?? z.NEVER;
});

const nameSchema = z.object({
  v: z.literal(1),
  incarnation: z.string().refine(isIncarnationId),
  letter: z.string().refine(isSeriesLetter),
  chain: z.array(certificate).min(2).max(limits.chainCertificates),
});

const lifeSchema = nameSchema.extend({ order: z.int().min(1) });

const currentSchema = nameSchema.extend({
  binding: z.record(z.string(), z.string()),
  key: z.string(),
});

const enrolmentSchema = z.object({
  v: z.literal(1),
  letter: z.string().refine(isSeriesLetter),
  relays: z.array(z.object({ host: z.string(), port: z.int() })),
  binding: z.record(z.string(), z.string()).exactOptional(),
});

export function currentBytes(current: StoredIncarnation): Uint8Array {
  const { binding, keyPem: key } = current;
  return jsonBytes({ ...nameFields(current), binding, key });
}

export function readCurrent(bytes: Uint8Array): StoredIncarnation {
  const { incarnation, letter, binding, key, chain } = read('current.json', currentSchema, bytes);
  return { incarnation, letter, binding, keyPem: key, chain };
}

export const lifeBytes = (life: PastIncarnation): Uint8Array =>
  jsonBytes({ ...nameFields(life), order: life.order });

export function readLife(bytes: Uint8Array): PastIncarnation {
  const { incarnation, letter, chain, order } = read('life of an incarnation', lifeSchema, bytes);
  return { incarnation, letter, chain, order };
}

export type StoredEnrolment = Pick<Enrolled, 'letter' | 'relays'> & {
  /** Where the directory was when it joined; unknown of enrolments of earlier versions. */
  readonly binding?: StoredBinding;
};

/** Company, store and terminal are in the certificates; here is the rest. */
export const enrolmentBytes = ({ letter, relays, binding }: StoredEnrolment): Uint8Array =>
  jsonBytes({ v: 1, letter, relays, ...(binding && { binding }) });

export function readEnrolment(bytes: Uint8Array): StoredEnrolment {
  const { letter, relays, binding } = read('enrolment.json', enrolmentSchema, bytes);
  return { letter, relays, ...(binding && { binding }) };
}

const nameFields = ({ incarnation, letter, chain }: Omit<PastIncarnation, 'order'>) => ({
  v: 1,
  incarnation,
  letter,
  chain: chain.map(toBase64Url),
});

const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

function read<T>(name: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The parser's message quotes the text, which may be a key.
    throw new TillmeshError('FILE_DAMAGED', name);
  }
  const checked = schema.safeParse(value);
  if (!checked.success) throw new TillmeshError('FILE_DAMAGED', name);
  return checked.data;
}
