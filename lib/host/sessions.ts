/**
 * Who is signed in at this process's screens: in memory only, so a restart signs everybody out. A browser holds a
 * random token in a cookie; here only its hash is kept.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';

export type Session = {
  readonly operator: string;
  /** `locked`: the operator has to type the PIN again before anything else. */
  readonly state: 'open' | 'locked';
  /** Who that was when it began, where somebody could tell. */
  readonly mark?: string;
};

type Kept = {
  readonly operator: string;
  readonly mark: string | undefined;
  readonly endsMs: number;
  touchedMs: number;
  /** The same by the wall clock: the other one stands still while a machine sleeps with its lid closed. */
  touchedWallMs: number;
  isLocked: boolean;
};

export class Sessions {
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Uint8Array;
  /** By the hash of the token; the least recently used first. */
  readonly #kept = new Map<string, Kept>();

  constructor(parts: { readonly clock: Clock; readonly random: (bytes: number) => Uint8Array }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Gives the token of a new session. The `previous` one ends: a token from before the PIN is never worth more after it. */
  begin(operator: string, previous?: string, mark?: string): string {
    if (previous !== undefined) this.end(previous);
    const now = this.#clock.monotonicMs();
    for (const [key, { endsMs }] of this.#kept) if (endsMs <= now) this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= limits.sessions && oldest !== undefined) this.#kept.delete(oldest);
    const token = Buffer.from(this.#random(32)).toString('base64url');
    this.#kept.set(keyOf(token), {
      operator,
      mark,
      endsMs: now + limits.sessionMs,
      touchedMs: now,
      touchedWallMs: this.#clock.wallMs(),
      isLocked: false,
    });
    return token;
  }

  /** Undefined where there is none, or it is over. Looking is no use of it. */
  find(token: string | undefined): Session | undefined {
    const kept = this.#of(token);
    if (!kept) return undefined;
    const { operator, mark, isLocked } = kept;
    return { operator, state: isLocked ? 'locked' : 'open', ...(mark !== undefined && { mark }) };
  }

  /** Somebody is at the screen: the time without use begins again. Does not open what is locked. */
  touch(token: string | undefined): void {
    const kept = this.#of(token);
    if (!kept || kept.isLocked || token === undefined) return;
    kept.touchedMs = this.#clock.monotonicMs();
    kept.touchedWallMs = this.#clock.wallMs();
    const key = keyOf(token);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
  }

  /** Until the session locks itself; 0 where it is locked or over. */
  openForMs(token: string | undefined): number {
    const kept = this.#of(token);
    if (!kept || kept.isLocked) return 0;
    const endsInMs = kept.endsMs - this.#clock.monotonicMs();
    return Math.max(0, Math.ceil(Math.min(limits.sessionIdleMs - this.#idleMs(kept), endsInMs)));
  }

  lock(token: string | undefined): void {
    const kept = this.#of(token);
    if (kept) kept.isLocked = true;
  }

  end(token: string | undefined): void {
    if (token !== undefined) this.#kept.delete(keyOf(token));
  }

  #of(token: string | undefined): Kept | undefined {
    if (token === undefined) return undefined;
    const key = keyOf(token);
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const now = this.#clock.monotonicMs();
    if (now >= kept.endsMs) {
      this.#kept.delete(key);
      return undefined;
    }
    if (this.#idleMs(kept) >= limits.sessionIdleMs) kept.isLocked = true;
    return kept;
  }

  /** By the clock that says more: a wall clock that is set forward locks, one that is set back opens nothing. */
  #idleMs({ touchedMs, touchedWallMs }: Kept): number {
    return Math.max(this.#clock.monotonicMs() - touchedMs, this.#clock.wallMs() - touchedWallMs);
  }
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');

/** Tills of a demo share one address, and cookies know no ports: without the port in its name, one would sign out the other. */
export const cookieName = (port: number): string => `tillmesh-${port}`;

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * The token in a `Cookie` header. A name that comes twice is none: a neighbour on another port can plant a second one,
 * and which of them is the till's cannot be told.
 */
export function tokenIn(header: string | undefined, port: number): string | undefined {
  const prefix = `${cookieName(port)}=`;
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length));
  const [token] = found;
  return found.length === 1 && token !== undefined && tokenShape.test(token) ? token : undefined;
}

/** Without `Max-Age` it ends with the browser; without `Secure` because a till's screen is plain http on its own machine. */
export const sessionCookie = (token: string, port: number): string =>
  `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;

export const noCookie = (port: number): string =>
  `${cookieName(port)}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
