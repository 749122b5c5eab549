/**
 * The server that owns a cluster directory, as its `postmaster.pid` tells: who, where, ready or not, and how to stop it.
 * Never signals a process that is not a PostgreSQL of this very directory: process ids are used again.
 */
import { execFileSync } from 'node:child_process';
import type { ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { platform } from 'node:os';
import path from 'node:path';
import type { Clock } from '../../lib/domain/clock.ts';
import { TillmeshError } from '../../lib/domain/errors.ts';

export type Postmaster = {
  readonly pid: number;
  readonly port: number | undefined;
  readonly ready: boolean;
};

/** What the file says, whether or not that process lives. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    // No file: no server. (Unreadable for other reasons: the start itself will say so.)
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  const port = Number(lines[3]);
  const ready = (lines[7] ?? '').trim() === 'ready';
  return { pid, port: Number.isSafeInteger(port) && port > 0 ? port : undefined, ready };
}

/** The living server of this directory, if there is one. */
export function livingPostmaster(cluster: string): Postmaster | undefined {
  const found = readPostmaster(cluster);
  return found !== undefined && isPostmasterOf(found.pid, cluster) ? found : undefined;
}

/**
 * Stops a server that a killed relay left behind: asks it to close its connections and write its checkpoint,
 * after `patienceMs` ends it at once (it recovers from its log at the next start).
 */
export async function stopPostmaster(
  cluster: string,
  pid: number,
  clock: Clock,
  patienceMs = 15_000,
): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signalPostmaster(pid, signal);
    const endMs = clock.monotonicMs() + patienceMs;
    while (clock.monotonicMs() < endMs) {
      if (!isPostmasterOf(pid, cluster)) return;
      await pause(clock, 20);
    }
  }
  throw new TillmeshError('DATABASE_FAILED', `the server left behind (pid ${pid}) does not stop`);
}

export const pause = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(resolve, delayMs);
  });

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. */
export function signalPostmaster(pid: number, signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

export function isPostmasterOf(pid: number, cluster: string): boolean {
  const command = commandOf(pid);
  if (command === undefined || !/postgres(?:\.exe)?\b/.test(command)) return false;
  return [cluster, realPath(cluster)].some((directory) => command.includes(directory));
}

/** Undefined when the process is gone (a zombie has an empty command). */
function commandOf(pid: number): string | undefined {
  try {
    if (platform() === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') || undefined;
    }
    const quiet: ExecFileSyncOptionsWithStringEncoding = {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    };
    if (platform() === 'win32') {
      const script = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`;
      return execFileSync('powershell', ['-NoProfile', '-Command', script], quiet) || undefined;
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], quiet) || undefined;
  } catch {
    // Neither /proc nor ps knows it: it is gone.
    return undefined;
  }
}

function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    // Not there (yet): the name as given is all there is.
    return directory;
  }
}
