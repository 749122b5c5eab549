/**
 * How a till gets head office's certificate for its screens: a question on the relay's sync port, over TLS with the
 * chains of the network on both ends. One road for a till that is new, for one that was enrolled before there was such
 * a thing or by another till, and for renewal.
 */
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import type { VerifiedChain } from './chain.ts';
import type { Question } from './enrolment-server.ts';
import type { TlsCredentials } from './incarnation.ts';
import type { RandomBytes } from './keys.ts';
import { meshTlsOptions, peerChain } from './tls-chain.ts';
import { postJson, reasonOf, secured } from './tls-post.ts';
import type { WebAuthority } from './web-authority.ts';
import type { WebIssued } from './web-identity.ts';
import { webKeyFromBytes } from './web-key.ts';

export const webCertificatePath = '/web-certificate';

const bytes = (most: number) =>
  z
    .string()
    .max(2 * most)
    .transform((text, context) => {
      const read = fromBase64Url(text);
      if (read === undefined) context.addIssue('not base64url');
      return read ?? z.NEVER;
    });
/** Loose, unlike an enrolment: the connection vouches for all of it, and a later version may say more. */
const requestSchema = z.object({ v: z.literal(1), publicKey: bytes(128) });
const answerSchema = z.object({
  v: z.literal(1),
  certificate: bytes(limits.certificateBytes),
  root: bytes(limits.certificateBytes),
});

type VerifyChain = (ders: readonly Uint8Array[]) => VerifiedChain;

/** Head office's half. */
export function webCertificateQuestion(options: {
  readonly authority: () => Promise<WebAuthority>;
  readonly verifyChain: VerifyChain;
  readonly isRevoked: (chain: VerifiedChain) => boolean;
  readonly random: RandomBytes;
  readonly wallMs: () => number;
  readonly onIssued: (chain: VerifiedChain) => void;
}): Question {
  return async (body, socket) => {
    // Each answer is for whoever proves to be a terminal; without a chain, this throws.
    const chain = options.verifyChain(peerChain(socket));
    if (options.isRevoked(chain)) throw new TillmeshError('TERMINAL_REVOKED', chain.principal);
    const read = requestSchema.safeParse(body);
    if (!read.success) throw new TillmeshError('INPUT_INVALID', 'not a request for a certificate');
    const authority = await options.authority();
    const { store, terminal } = chain.identity;
    const certificate = await authority.issueTill({
      store,
      terminal,
      publicKey: webKeyFromBytes(read.data.publicKey),
      random: options.random,
      nowMs: options.wallMs(),
    });
    options.onIssued(chain);
    return { v: 1, certificate: toBase64Url(certificate), root: toBase64Url(authority.rootDer) };
  };
}

const headOffice = 'HQ';

/**
 * The till's half. Throws LINK_FAILED where nobody answers, JOIN_NOT_HQ where somebody does who is not head office or
 * does not know the question (an older one), TERMINAL_REVOKED.
 */
export async function askForWebCertificate(options: {
  readonly host: string;
  readonly port: number;
  readonly credentials: TlsCredentials;
  readonly verifyChain: VerifyChain;
  /** SubjectPublicKeyInfo of the key that stays here. */
  readonly publicKey: Uint8Array;
  readonly clock: Clock;
}): Promise<WebIssued> {
  const { host, port, clock } = options;
  const address = `${host}:${port}`;
  const socket = tlsConnect({ host, port, ...meshTlsOptions(options.credentials) });
  const deadline = clock.setTimer(
    () => socket.destroy(new Error('no answer in time')),
    limits.joinDeadlineMs,
  );
  try {
    await secured(socket);
    if (options.verifyChain(peerChain(socket)).identity.store !== headOffice)
      throw new TillmeshError('JOIN_NOT_HQ', address);
    const question = JSON.stringify({ v: 1, publicKey: toBase64Url(options.publicKey) });
    const { status, body } = await postJson(socket, address, webCertificatePath, question);
    return readAnswer(status, body, address);
  } catch (error) {
    if (isTillmeshError(error)) throw error;
    throw new TillmeshError('LINK_FAILED', `${address}: ${reasonOf(error)}`, { cause: error });
  } finally {
    deadline.cancel();
    socket.destroy();
  }
}

const refusalSchema = z.object({ error: z.object({ code: z.literal('TERMINAL_REVOKED') }) });

function readAnswer(status: number, body: unknown, address: string): WebIssued {
  if (status === 403 && refusalSchema.safeParse(body).success)
    throw new TillmeshError('TERMINAL_REVOKED', address);
  const read = answerSchema.safeParse(body);
  if (status !== 200 || !read.success)
    throw new TillmeshError('JOIN_NOT_HQ', `${address}: answer ${status}`);
  return { certificateDer: read.data.certificate, rootDer: read.data.root };
}
