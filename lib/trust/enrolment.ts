/**
 * The enrolment of a terminal by a one-time code, as values in and values out: both halves, and no HTTP.
 * No certificate is trusted yet, so each end proves the code's secret over this very TLS connection: a man in
 * the middle has two connections with different keying material, and a proof for one is worth nothing on the other.
 */
import { createHmac, timingSafeEqual, X509Certificate, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import {
  isSeriesLetter,
  isStoreId,
  isTerminalId,
  type SeriesLetter,
  type StoreId,
  type TerminalId,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes, fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { encodeCanonical } from '../journal/canonical-json.ts';
import { companyShape } from './certificate-names.ts';
import { verifyTerminal } from './chain.ts';
import { isJoinCodeId, joinKeyOf, type JoinCode } from './join-code.ts';
import { rawPublicKey, type RandomBytes } from './keys.ts';

/** TLS exporter (RFC 8446 §7.5) of the connection that carries the enrolment: `exportKeyingMaterial(bytes, label, empty)`. */
export const exporter = { label: 'EXPORTER-tillmesh-enrolment-1', byteCount: 32 } as const;

export type RelayAddress = { readonly host: string; readonly port: number };

/** What an enrolled till knows and a new one does not. */
export type Enrolled = {
  readonly company: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
  /** The letter that head office gives the first incarnation; later ones are made from it. */
  readonly letter: SeriesLetter;
  readonly caDer: Uint8Array;
  readonly terminalDer: Uint8Array;
  /** What leads from the terminal to the CA, the terminal's issuer first; nothing where the CA signed it itself. */
  readonly issuers: readonly Uint8Array[];
  readonly relays: readonly RelayAddress[];
};

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const certificate = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(limits.certificateBytes * 2);

export const requestSchema = z.strictObject({
  v: z.literal(1),
  code: z.string().refine(isJoinCodeId),
  /** Where the installer named the store, as a check that the code is the one for this shop. */
  store: z.string().refine(isStoreId).optional(),
  terminalPublicKey: bytes32,
  nonce: bytes32,
  proof: bytes32,
});

export const answerSchema = z.strictObject({
  v: z.literal(1),
  company: z.string().regex(companyShape),
  store: z.string().refine(isStoreId),
  terminal: z.string().refine(isTerminalId),
  letter: z.string().refine(isSeriesLetter),
  ca: certificate,
  certificate,
  /** Absent where the CA signed the terminal itself. */
  issuers: z
    .array(certificate)
    .max(limits.chainCertificates - 2)
    .optional(),
  relays: z
    .array(z.strictObject({ host: z.string().min(1).max(253), port: z.int().min(1).max(65_535) }))
    .max(limits.relayAddresses),
  proof: bytes32,
});

export type EnrolmentRequest = z.infer<typeof requestSchema>;
export type EnrolmentAnswer = z.infer<typeof answerSchema>;

type Side = 'register' | 'head-office';

/** Over a label, the connection, and everything else that is said: 32 bytes in base64url. */
export function proofOf(
  side: Side,
  key: Uint8Array,
  keyingMaterial: Uint8Array,
  said: Readonly<Record<string, unknown>>,
): string {
  if (keyingMaterial.length !== exporter.byteCount)
    throw new TillmeshError('INVARIANT', 'keying material');
  const label = new TextEncoder().encode(`tillmesh/1/enrolment/${side}:`);
  const message = concatBytes([label, keyingMaterial, encodeCanonical(said)]);
  return toBase64Url(createHmac('sha256', key).update(message).digest());
}

/** In the same time for every wrong proof. Both are 43 characters by their schema. */
export const sameProof = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** What head office signs with its half of the secret: the answer and the request that it belongs to. */
export const answerSaid = (answer: Omit<EnrolmentAnswer, 'proof'>, request: EnrolmentRequest) => ({
  answer,
  request,
});

export type PreparedRequest = {
  readonly request: EnrolmentRequest;
  /** Reads the answer. Throws JOIN_NOT_HQ unless it was made with the code's secret on this connection. */
  open(answer: unknown): Enrolled;
};

/** The register's half. `terminalKey` is the new terminal's; its private half stays here. */
export function prepareEnrolment(options: {
  readonly code: JoinCode;
  readonly store?: StoreId;
  readonly terminalKey: KeyObject;
  readonly keyingMaterial: Uint8Array;
  readonly random: RandomBytes;
}): PreparedRequest {
  const { code, terminalKey, keyingMaterial } = options;
  const key = joinKeyOf(code);
  const said = {
    v: 1 as const,
    code: code.id,
    ...(options.store === undefined ? {} : { store: options.store }),
    terminalPublicKey: toBase64Url(rawPublicKey(terminalKey)),
    nonce: toBase64Url(options.random(32)),
  };
  const request = { ...said, proof: proofOf('register', key, keyingMaterial, said) };
  const open = (received: unknown): Enrolled => {
    const read = answerSchema.safeParse(received);
    if (!read.success) throw new TillmeshError('JOIN_NOT_HQ', 'answer of another form');
    const { proof, ...answer } = read.data;
    const expected = proofOf('head-office', key, keyingMaterial, answerSaid(answer, request));
    if (!sameProof(proof, expected)) throw new TillmeshError('JOIN_NOT_HQ', 'without proof');
    return enrolledBy(answer, terminalKey);
  };
  return { request, open };
}

/** Head office has proven itself; what it sent must still be what this till can work with for years. */
function enrolledBy(answer: Omit<EnrolmentAnswer, 'proof'>, terminalKey: KeyObject): Enrolled {
  const { company, store, terminal, letter, relays } = answer;
  const caDer = fromBase64Url(answer.ca);
  const terminalDer = fromBase64Url(answer.certificate);
  if (!caDer || !terminalDer) throw new TillmeshError('CERTIFICATE_MALFORMED', 'not base64url');
  // What is not base64url is no certificate either.
  const issuers = (answer.issuers ?? []).map((text) => fromBase64Url(text) ?? new Uint8Array());
  const issued = verifyTerminal([terminalDer, ...issuers], caDer);
  if (
    issued.company !== company ||
    issued.store !== store ||
    issued.terminal !== terminal ||
    toBase64Url(rawPublicKey(new X509Certificate(terminalDer).publicKey)) !==
      toBase64Url(rawPublicKey(terminalKey))
  )
    throw new TillmeshError('CERTIFICATE_MALFORMED', 'certificate of another terminal');
  return { company, store, terminal, letter, caDer, terminalDer, issuers, relays };
}
