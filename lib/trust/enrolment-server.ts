/**
 * The HTTP side of the enrolment: answers POST /enrol on the relay's sync port, where callers have no certificate yet,
 * and the few questions that tills ask there with theirs.
 * Anyone may call it: every request has a size, a deadline and a rate, and errors tell a code and its sentence only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../domain/clock.ts';
import { catalogue, isTillmeshError, TillmeshError, type ErrorCode } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { EnrolmentOffice } from './enrolment-office.ts';
import { exporter } from './enrolment.ts';
import { RequestRate } from './request-rate.ts';

export type EnrolmentListenerOptions = {
  readonly office: EnrolmentOffice;
  readonly clock: Clock;
  /** Told of failures that are head office's own; the caller gets no detail of them. */
  readonly onProblem: (error: unknown) => void;
  /** What else is answered on this port, by path: under the same limits, each with a rate of its own. */
  readonly others?: Readonly<Record<string, Question>>;
};

/** What is answered to a body that came by this connection. Whoever may ask is for it to say. */
export type Question = (body: unknown, socket: TLSSocket) => Promise<unknown>;

/** Status by code; of every other code the caller learns nothing. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  JOIN_CODE_WRONG: 403,
  JOIN_CODE_USED: 403,
  JOIN_CODE_EXPIRED: 403,
  JOIN_CODE_VOID: 403,
  NAME_IN_USE: 403,
  TERMINAL_REVOKED: 403,
  CERTIFICATE_UNTRUSTED: 403,
  CERTIFICATE_MALFORMED: 403,
  JOIN_TOO_OFTEN: 429,
  INPUT_INVALID: 400,
  OVER_LIMIT: 413,
  NOT_FOUND: 404,
};

/** A request listener for the HTTPS server of the sync port. */
export function enrolmentListener(
  options: EnrolmentListenerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { office, clock, onProblem, others = {} } = options;
  const enrol: Question = (body, socket) => {
    const { label, byteCount } = exporter;
    return office.enrol(body, socket.exportKeyingMaterial(byteCount, label, Buffer.alloc(0)));
  };
  const questions = new Map(
    Object.entries({ ...others, '/enrol': enrol }).map(([path, answer]) => [
      path,
      { answer, rate: new RequestRate(clock) },
    ]),
  );

  const handle = async (request: IncomingMessage): Promise<unknown> => {
    const question = questions.get(request.url ?? '');
    if (request.method !== 'POST' || !question) throw new TillmeshError('NOT_FOUND');
    const { socket } = request;
    if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3')
      throw new TillmeshError('INPUT_INVALID', 'TLS 1.3 only');
    if (!question.rate.admit(socket.remoteAddress ?? '')) throw new TillmeshError('JOIN_TOO_OFTEN');
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      throw new TillmeshError('INPUT_INVALID', 'JSON only');
    return question.answer(await readJson(request), socket);
  };

  return (request, response) => {
    const deadline = clock.setTimer(() => request.destroy(), limits.joinDeadlineMs);
    response.once('close', () => deadline.cancel());
    // A caller that goes away in the middle is no event.
    request.on('error', () => request.destroy());
    handle(request).then(
      (answer) => respond(response, 200, answer),
      (error: unknown) => {
        const { status, code } = refusalOf(error);
        if (status === 500) onProblem(error);
        respond(response, status, { error: { code, message: catalogue[code] } });
      },
    );
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  try {
    // Leaving the loop must not close the connection: the caller is owed an answer.
    const parts = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of parts) {
      byteCount += chunk.length;
      if (byteCount > limits.joinBodyBytes) break;
      chunks.push(chunk);
    }
    if (byteCount <= limits.joinBodyBytes)
      return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    // Cut off or not JSON: for the caller, if there still is one, the same sentence.
    throw new TillmeshError('INPUT_INVALID', 'not JSON');
  }
  throw new TillmeshError('OVER_LIMIT', 'enrolment request');
}

function refusalOf(error: unknown): { status: number; code: ErrorCode } {
  const status = isTillmeshError(error) ? statusOf[error.code] : undefined;
  return isTillmeshError(error) && status !== undefined
    ? { status, code: error.code }
    : { status: 500, code: 'JOIN_UNREACHABLE' };
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  // One enrolment per connection: the proof belongs to it, and nobody keeps a door open.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
