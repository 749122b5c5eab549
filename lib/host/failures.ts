/**
 * The one shape of an error over HTTP: `{error: {code, message, problems?}}`, and which status goes with it.
 * Nothing of a cause, a stack or a path outside the catalogue's sentence leaves the process.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, TillmeshError, catalogue } from '../domain/errors.ts';

export type Failure = {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly problems?: readonly string[];
  };
};

/** Codes that are the caller's doing. All others are faults of this process or its disk: 503, try again. */
const statusByCode: Partial<Record<ErrorCode, number>> = {
  INPUT_INVALID: 400,
  TOKEN_WRONG: 401,
  SIGN_IN_NEEDED: 401,
  JOIN_CODE_WRONG: 403,
  JOIN_CODE_USED: 403,
  JOIN_CODE_EXPIRED: 403,
  JOIN_CODE_VOID: 403,
  ORIGIN_NOT_ALLOWED: 403,
  ENROLLING_NOT_GRANTED: 403,
  ENROLLING_USED_UP: 409,
  ENROLLING_TAKEN: 409,
  ENROLLING_ELSEWHERE: 409,
  NAME_IN_USE: 409,
  NOT_FOUND: 404,
  PEER_UNKNOWN: 404,
  OVER_LIMIT: 413,
  HOST_NOT_ALLOWED: 421,
  INVARIANT: 500,
};

export function statusOf(code: ErrorCode): number {
  return statusByCode[code] ?? 503;
}

export function failure(code: ErrorCode, problems?: readonly string[]): Failure {
  return { error: { code, message: catalogue[code], ...(problems && { problems }) } };
}

export function sendFailure(
  reply: FastifyReply,
  code: ErrorCode,
  problems?: readonly string[],
): FastifyReply {
  return reply.code(statusOf(code)).send(failure(code, problems));
}

/** Fastify's error handler. What is not the caller's doing goes to the log with its cause. */
export function handleError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof TillmeshError) {
    const status = statusOf(error.code);
    if (status >= 500) request.log.error({ err: error, code: error.code }, 'request failed');
    return reply
      .code(status)
      .send({ error: { code: error.code, message: error.message } } satisfies Failure);
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return sendFailure(reply, 'OVER_LIMIT');
  if (status >= 400 && status < 500) {
    return reply.code(status).send(failure('INPUT_INVALID', [error.message]));
  }
  request.log.error({ err: error }, 'request failed');
  return reply.code(500).send(failure('INVARIANT'));
}
