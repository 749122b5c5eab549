/**
 * Who is signed in at this process's screens: in memory only, so a restart signs everybody out. A browser holds a
 * random token in a cookie; here only its hash is kept.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import type { Door, DoorKind } from './door.ts';

export type Session = {
  readonly operator: string;
  /** `locked`: the operator has to type the PIN again before anything else. */
  readonly state: 'open' | 'locked';
  /** Who that was when it began, where somebody could tell. */
  readonly mark?: string;
};

/** Where a session was begun: it is worth nothing at the other door. */
export type SessionOrigin = {
  readonly door: DoorKind;
  /** What the browser calls itself. */
  readonly agent: string;
};

/** One of the list: everything but what opens it. */
export type KeptSession = SessionOrigin & {
  /** Names it in the list; random, and no token. */
  readonly id: string;
  readonly operator: string;
  readonly mark: string | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly beganWallMs: number;
  readonly touchedWallMs: number;
  readonly isLocked: boolean;
};

type Kept = SessionOrigin & {
  readonly id: string;
  readonly operator: string;
  readonly mark: string | undefined;
  readonly beganWallMs: number;
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
  readonly #idleLimitMs: (door: DoorKind) => number;
  readonly #listeners = new Set<() => void>();

  constructor(parts: {
    readonly clock: Clock;
    readonly random: (bytes: number) => Uint8Array;
    /** How long a session of the shop's network stays open without use; absent: `limits.lanIdleMs`. */
    readonly lanIdleMs?: (() => number) | undefined;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    const lanIdleMs = parts.lanIdleMs ?? (() => limits.lanIdleMs);
    this.#idleLimitMs = (door) => (door === 'lan' ? lanIdleMs() : limits.sessionIdleMs);
  }

  /** Calls back after a session was locked or ended by somebody. Returns how to stop that. */
  onClosed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** All that are not over, the one that began last first. */
  list(): KeptSession[] {
    const kept = [...this.#kept].filter(([key]) => this.#byKey(key)).map(([, each]) => each);
    return kept
      .map(({ id, operator, mark, door, agent, beganWallMs, touchedWallMs, isLocked }) => ({
        ...{ id, operator, mark, door, agent, beganWallMs, touchedWallMs, isLocked },
      }))
      .sort((a, b) => b.beganWallMs - a.beganWallMs);
  }

  /** Of the list; undefined for a token that is worth nothing. */
  idOf(token: string | undefined): string | undefined {
    return this.#of(token)?.id;
  }

  /** Those of the list by their names there. Answers how many there were. */
  endAll(ids: readonly string[]): number {
    const keys = [...this.#kept].filter(([, { id }]) => ids.includes(id)).map(([key]) => key);
    for (const key of keys) this.#kept.delete(key);
    if (keys.length > 0) this.#closed();
    return keys.length;
  }

  /** Gives the token of a new session. The `previous` one ends: a token from before the PIN is never worth more after it. */
  begin(
    operator: string,
    previous?: string,
    mark?: string,
    { door, agent }: SessionOrigin = { door: 'here', agent: '' },
  ): string {
    if (previous !== undefined) this.end(previous);
    const now = this.#clock.monotonicMs();
    for (const [key, { endsMs }] of this.#kept) if (endsMs <= now) this.#kept.delete(key);
    this.#makeRoom(operator);
    const text = (bytes: number): string => Buffer.from(this.#random(bytes)).toString('base64url');
    const token = `${marks[door]}${text(32)}`;
    this.#kept.set(keyOf(token), {
      id: text(9),
      operator,
      mark,
      door,
      agent: agent.slice(0, limits.agentCharacters),
      beganWallMs: this.#clock.wallMs(),
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
    const idleInMs = this.#idleLimitMs(kept.door) - this.#idleMs(kept);
    return Math.max(0, Math.ceil(Math.min(idleInMs, endsInMs)));
  }

  lock(token: string | undefined): void {
    const kept = this.#of(token);
    if (!kept) return;
    kept.isLocked = true;
    this.#closed();
  }

  end(token: string | undefined): void {
    if (token !== undefined && this.#kept.delete(keyOf(token))) this.#closed();
  }

  /** Of the same person first: nobody drives out the others. Each time the least recently used. */
  #makeRoom(operator: string): void {
    const own = [...this.#kept].filter(([, kept]) => kept.operator === operator);
    const [oldestOwn] = own.length >= limits.sessionsPerOperator ? own : [];
    const [oldest] = this.#kept.size >= limits.sessions ? this.#kept : [];
    const leaving = oldestOwn ?? oldest;
    if (!leaving) return;
    this.#kept.delete(leaving[0]);
    this.#closed();
  }

  #closed(): void {
    for (const listener of this.#listeners) listener();
  }

  #of(token: string | undefined): Kept | undefined {
    return token === undefined ? undefined : this.#byKey(keyOf(token));
  }

  #byKey(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const now = this.#clock.monotonicMs();
    if (now >= kept.endsMs) {
      this.#kept.delete(key);
      return undefined;
    }
    if (this.#idleMs(kept) >= this.#idleLimitMs(kept.door)) kept.isLocked = true;
    return kept;
  }

  /** By the clock that says more: a wall clock that is set forward locks, one that is set back opens nothing. */
  #idleMs({ touchedMs, touchedWallMs }: Kept): number {
    return Math.max(this.#clock.monotonicMs() - touchedMs, this.#clock.wallMs() - touchedWallMs);
  }
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');

/** In front of a token: one that was stolen at one door is no token at the other. */
const marks: Readonly<Record<DoorKind, string>> = { here: '', lan: 'lan-' };
const tokenShapes: Readonly<Record<DoorKind, RegExp>> = {
  here: /^[A-Za-z0-9_-]{43}$/,
  lan: /^lan-[A-Za-z0-9_-]{43}$/,
};

const here = (port: number): Door => ({ kind: 'here', port });

/**
 * Tills of a demo share one address, and cookies know no ports: without the port in its name, one would sign out the
 * other. `__Host-`: no page of plain http at this address, and none of another name, can plant one.
 */
export const cookieName = ({ kind, port }: Door): string =>
  kind === 'lan' ? `__Host-tillmesh-${port}` : `tillmesh-${port}`;

/**
 * The token in a `Cookie` header. A name that comes twice is none: a neighbour on another port can plant a second one,
 * and which of them is the till's cannot be told.
 */
export function tokenIn(header: string | undefined, at: Door | number): string | undefined {
  const door = typeof at === 'number' ? here(at) : at;
  const prefix = `${cookieName(door)}=`;
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length));
  const [token] = found;
  const isOne = found.length === 1 && token !== undefined;
  return isOne && tokenShapes[door.kind].test(token) ? token : undefined;
}

/** Without `Max-Age` it ends with the browser; without `Secure` where a till's screen is plain http on its own machine. */
export const sessionCookie = (token: string, at: Door | number): string =>
  `${cookieOf(token, at)}; HttpOnly; SameSite=Strict`;

export const noCookie = (at: Door | number): string =>
  `${cookieOf('', at)}; HttpOnly; SameSite=Strict; Max-Age=0`;

function cookieOf(value: string, at: Door | number): string {
  const door = typeof at === 'number' ? here(at) : at;
  return `${cookieName(door)}=${value}; Path=/${door.kind === 'lan' ? '; Secure' : ''}`;
}
