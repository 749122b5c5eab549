/**
 * Joins a network over HTTPS: one TLS 1.3 connection, one POST /enrol, and either an enrolled terminal or one clear error.
 * The server's certificate is not asked for anything: the code's proof takes its place (`enrolment.ts`).
 */
import type { KeyObject } from 'node:crypto';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { exporter, prepareEnrolment, type Enrolled } from './enrolment.ts';
import type { JoinCode } from './join-code.ts';
import type { RandomBytes } from './keys.ts';
import { postJson, reasonOf, secured } from './tls-post.ts';

export type JoinRequest = {
  readonly host: string;
  readonly port: number;
  readonly code: JoinCode;
  /** Refused where the code is for another store. */
  readonly store?: StoreId;
  /** The new terminal's private key. It is made and kept here; only its public half is sent. */
  readonly terminalKey: KeyObject;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** What the other's clock said, milliseconds since 1970, by a header that nothing proves: for a hint to a person. */
  readonly onTheirClock?: (wallMs: number) => void;
};

/**
 * Throws JOIN_CODE_WRONG, JOIN_CODE_USED, JOIN_CODE_EXPIRED, JOIN_CODE_VOID, NAME_IN_USE, JOIN_TOO_OFTEN and INPUT_INVALID as head office says,
 * JOIN_UNREACHABLE where nobody answered, JOIN_NOT_HQ where somebody did who does not know the code,
 * ENROLLING_NOT_GRANTED where a till did that lets nobody in.
 */
export async function joinNetwork(options: JoinRequest): Promise<Enrolled> {
  const { host, port, clock } = options;
  const address = `${host}:${port}`;
  // Node's own verdict on the certificate is neither asked nor given a CA.
  const socket = tlsConnect({
    host,
    port,
    ca: [],
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  });
  const deadline = clock.setTimer(
    () => socket.destroy(new Error('no answer in time')),
    limits.joinDeadlineMs,
  );
  try {
    await secured(socket);
    const { label, byteCount } = exporter;
    const prepared = prepareEnrolment({
      ...options,
      keyingMaterial: socket.exportKeyingMaterial(byteCount, label, Buffer.alloc(0)),
    });
    const { status, body, wallMs } = await postJson(
      socket,
      address,
      '/enrol',
      JSON.stringify(prepared.request),
    );
    // A till without the right to enrol has no more to say on this port.
    if (status === 426) throw new TillmeshError('ENROLLING_NOT_GRANTED');
    if (status !== 200) throw refusalOf(status, body);
    const enrolled = prepared.open(body);
    if (wallMs !== undefined) options.onTheirClock?.(wallMs);
    return enrolled;
  } catch (error) {
    if (isTillmeshError(error)) throw error;
    throw new TillmeshError('JOIN_UNREACHABLE', `${address}: ${reasonOf(error)}`, { cause: error });
  } finally {
    deadline.cancel();
    socket.destroy();
  }
}

/** Of an error only the code is taken: its sender has proven nothing, so its words are not shown to anybody. */
const refusalSchema = z.object({
  error: z.object({
    code: z.enum([
      'JOIN_CODE_WRONG',
      'JOIN_CODE_USED',
      'JOIN_CODE_EXPIRED',
      'JOIN_CODE_VOID',
      'NAME_IN_USE',
      'JOIN_TOO_OFTEN',
      'INPUT_INVALID',
    ]),
  }),
});

function refusalOf(status: number, body: unknown): TillmeshError {
  const refusal = refusalSchema.safeParse(body);
  if (!refusal.success) {
    return status >= 500
      ? new TillmeshError('JOIN_UNREACHABLE', `head office has a problem of its own: ${status}`)
      : new TillmeshError('JOIN_NOT_HQ', `answer ${status}`);
  }
  const { code } = refusal.data.error;
  return new TillmeshError(code, code === 'INPUT_INVALID' ? 'the code is for another store' : '');
}
