/** What the commands need to start a process, and what they take from the environment. Nothing else reads it. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';
import type { Endpoint, JoinTarget } from './endpoints.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

export type RegisterOptions = {
  readonly data: string;
  readonly ui: Endpoint;
  readonly mesh: Endpoint;
  /** Screens for phones and tablets; absent: none. */
  readonly lanScreens?: Endpoint;
  /** Enrols this data directory at a relay; refused when it is enrolled already. */
  readonly join?: JoinTarget;
  readonly peers: readonly Endpoint[];
  /** Looks for other registers on the LAN. */
  readonly discovery: boolean;
  /** Directory of the witness; chosen by the register when absent. */
  readonly witness?: string;
  readonly allowHosts: readonly string[];
  readonly logLevel: LogLevel;
  /** File of the key seal, see `keySealFile`. */
  readonly keySeal?: string;
  /** Of this program. */
  readonly version: string;
};

export type RelayOptions = {
  readonly data: string;
  readonly api: Endpoint;
  readonly sync: Endpoint;
  /** Absent: a PostgreSQL of its own under the data directory. */
  readonly databaseUrl?: string;
  readonly peers: readonly Endpoint[];
  readonly allowHosts: readonly string[];
  /** Addresses of proxies in front of the screens and the API. */
  readonly trustedProxies: readonly string[];
  readonly logLevel: LogLevel;
  /** File of the key seal, see `keySealFile`. */
  readonly keySeal?: string;
  /** Of this program. */
  readonly version: string;
};

/** A process that runs: what its ready line says, and how it ends. */
export type Running = {
  readonly ready: Readonly<Record<string, string | number | boolean>>;
  /** What it becomes (a till that was being set up); it is said as well, and stopped from then on. */
  readonly next?: Promise<Running>;
  stop(): Promise<void>;
};

export const defaultPorts = { ui: 4100, mesh: 4101, lan: 4443, api: 3000, sync: 3001 } as const;

const environmentSchema = z.object({
  SYNC_LISTEN_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port')
    .transform(Number)
    .refine((port) => port <= 65_535, 'is not a port')
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'does not begin with postgres:// or postgresql://')
    .optional(),
});

export type Environment = { readonly syncPort?: number; readonly databaseUrl?: string };

/** Empty values count as absent. A wrong one is named, never its contents: they may hold a password. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new TillmeshError('INPUT_INVALID', problems.join('; '));
  }
  const { SYNC_LISTEN_PORT: syncPort, DATABASE_URL: databaseUrl } = result.data;
  return {
    ...(syncPort !== undefined && { syncPort }),
    ...(databaseUrl !== undefined && { databaseUrl }),
  };
}

/**
 * The file with the secret that closes private keys on the disk: `TILLMESH_KEY_SEAL`, or the credential
 * `tillmesh-key-seal` that systemd has opened for this service (`LoadCredentialEncrypted=`).
 */
export function keySealFile(variables: NodeJS.ProcessEnv): { readonly keySeal?: string } {
  const { TILLMESH_KEY_SEAL: named, CREDENTIALS_DIRECTORY: credentials } = variables;
  if (named !== undefined && named !== '') {
    // Relative to what, a service and a person at a prompt would understand differently.
    if (!isAbsolute(named))
      throw new TillmeshError('KEY_SEAL_UNUSABLE', 'not the whole path of a file');
    return { keySeal: named };
  }
  const credential = credentials && join(credentials, 'tillmesh-key-seal');
  return credential && existsSync(credential) ? { keySeal: credential } : {};
}
