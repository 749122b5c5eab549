/**
 * Connections that are not yet anything: bounded in all and per address, and each for a limited time. Without it
 * 500 sockets that say nothing, or a byte a minute, are 500 TLS states.
 */
import type { Clock } from '../domain/clock.ts';

type Closable = { destroy(): unknown };

export type HalfOpenLimits = {
  readonly sockets: number;
  readonly perAddress: number;
  readonly deadlineMs: number;
};

export class HalfOpen {
  readonly #clock: Clock;
  readonly #limits: HalfOpenLimits;
  /** By connection: `address port` of the other end. */
  readonly #open = new Map<string, { address: string; timer: { cancel(): void } }>();
  readonly #perAddress = new Map<string, number>();

  constructor(clock: Clock, limits: HalfOpenLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** False where there is no room: the caller destroys the socket. */
  enter(connection: string, address: string, socket: Closable): boolean {
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#open.size >= this.#limits.sockets || ofAddress >= this.#limits.perAddress)
      return false;
    this.#perAddress.set(address, ofAddress + 1);
    const timer = this.#clock.setTimer(() => {
      this.leave(connection);
      socket.destroy();
    }, this.#limits.deadlineMs);
    this.#open.set(connection, { address, timer });
    return true;
  }

  /** It has become a link or a request, or is gone. */
  leave(connection: string): void {
    const entry = this.#open.get(connection);
    if (entry === undefined) return;
    entry.timer.cancel();
    this.#open.delete(connection);
    const left = (this.#perAddress.get(entry.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(entry.address, left);
    else this.#perAddress.delete(entry.address);
  }
}
