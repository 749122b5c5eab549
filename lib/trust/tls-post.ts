/**
 * One question over one TLS 1.3 connection: a POST with JSON, and its answer within its bounds. Who the other end is
 * is the caller's to judge, between `secured` and `postJson`: Node's own verdict is neither asked nor given a CA.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

export type PostAnswer = {
  readonly status: number;
  /** Undefined where the other end asks for another protocol (426): it has nothing to say in this one. */
  readonly body: unknown;
  /** Their clock, as far as they say. */
  readonly wallMs: number | undefined;
};

export function secured(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for the life of the socket: an error nobody listens to would end the process.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('connection closed')));
    socket.once('secureConnect', resolve);
  });
}

/** Throws JOIN_NOT_HQ for an answer that is endless or no JSON. */
export function postJson(
  socket: TLSSocket,
  address: string,
  path: string,
  body: string,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path,
      headers: {
        host: address,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        connection: 'close',
      },
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      readAnswer(response).then(resolve, reject);
    });
    sent.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  const { statusCode: status = 0, headers } = response;
  const saidMs = Date.parse(headers.date ?? '');
  const wallMs = Number.isNaN(saidMs) ? undefined : saidMs;
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > limits.joinBodyBytes) throw new TillmeshError('JOIN_NOT_HQ', 'endless answer');
    chunks.push(chunk);
  }
  if (status === 426) return { status, body: undefined, wallMs };
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { status, body, wallMs };
  } catch {
    throw new TillmeshError('JOIN_NOT_HQ', `answer ${status} is not JSON`);
  }
}

/** `ECONNREFUSED`, `ENOTFOUND`, … or the message where there is no such code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
