/**
 * What an error of the driver means to us: the server is away (wait and try again), the data of one document is at fault
 * (refuse that posting), or something that nobody foresaw. Sentences made here never hold a password.
 */
import { TillmeshError } from '../lib/domain/errors.ts';

export type FaultKind = 'unreachable' | 'data' | 'other';

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);

/** Messages of `pg` and `pg-pool` that carry no code. */
const networkMessages =
  /connection terminated|timeout exceeded when trying to connect|connection error|client has encountered|connection ended|server does not support SSL/i;

/**
 * Classes of SQLSTATE, after PostgreSQL's appendix A. Away: 08 connection, 28 authorisation, 3D no such database,
 * 53 resources (disk full, too many connections), 55P03, 57 operator intervention (shutdown, statement timeout), 58 system,
 * 40 serialization and deadlock, 25006 read-only standby. At fault: 22 data exception, 23 constraint.
 */
const awayStates = /^(?:08|28|3D|40|53|57|58|55P03|25006|XX)/;
const dataStates = /^(?:22|23)/;

export function faultKind(error: unknown): FaultKind {
  if (error instanceof AggregateError && error.errors.length > 0) return faultKind(error.errors[0]);
  if (error instanceof TillmeshError) {
    return error.code === 'DATABASE_UNREACHABLE' ? 'unreachable' : 'other';
  }
  const code = codeOf(error);
  if (code !== undefined) {
    if (networkCodes.has(code) || awayStates.test(code)) return 'unreachable';
    if (dataStates.test(code)) return 'data';
  }
  return error instanceof Error && networkMessages.test(error.message) ? 'unreachable' : 'other';
}

/** DATABASE_UNREACHABLE with a sentence for people when the server is away, otherwise the error as it was. */
export function translateFault(error: unknown, server: string): unknown {
  if (error instanceof TillmeshError || faultKind(error) !== 'unreachable') return error;
  return new TillmeshError('DATABASE_UNREACHABLE', `${server}: ${reasonOf(error)}`, {
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const code = codeOf(error) ?? '';
  if (code.startsWith('28')) return 'the user or the password is wrong';
  if (code === '3D000') return 'there is no such database';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known';
  if (code === 'ETIMEDOUT') return 'it does not answer';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code.startsWith('53')) return 'the server is out of disk, memory or connections';
  if (code === '57014') return 'the server took too long';
  if (code.startsWith('57')) return 'the server is starting or stopping';
  return code === '' ? 'the connection was lost' : code;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
