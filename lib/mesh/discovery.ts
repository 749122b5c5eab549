/**
 * How tills of one company find each other on a LAN: what is announced, what counts as found, and the bounded list
 * of places to dial that comes of it. Everything found is a rumour: only the certificate at the other end decides.
 */
import { z } from 'zod';
import { isPrincipal, isStoreId } from '../domain/ids.ts';
import type { Principal, StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { DialTarget } from './transport.ts';

export type Announcement = {
  /** The company's id as it stands in its CA; other companies on the same LAN are none of ours. */
  readonly company: string;
  readonly store: StoreId;
  readonly principal: Principal;
  readonly version: string;
  readonly port: number;
};

export type FoundTill = Announcement & {
  /** The address that the announcement came from, never one that it names. */
  readonly host: string;
};

export interface Discovery {
  /** Announces, and begins to look. Never throws, never ends the process: a shop without multicast has addresses. */
  start(announcement: Announcement): void;
  /** Called for every till of the company that is found or found again, the own one excepted. */
  onFound(listener: (found: FoundTill) => void): void;
  stop(): Promise<void>;
}

const foundShape = z.object({
  company: z.string().min(1).max(64),
  store: z.custom<StoreId>(isStoreId),
  principal: z.custom<Principal>(isPrincipal),
  version: z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/),
  port: z.int().min(1).max(65_535),
  host: z.union([z.ipv4(), z.ipv6()]),
});

/** Undefined for whatever is not a till of this company, or is ourselves. */
export function readFound(candidate: unknown, own: Announcement): FoundTill | undefined {
  const found = readRumour(candidate);
  return found?.company === own.company && found.principal !== own.principal ? found : undefined;
}

/** A till of whatever company; undefined for what is none. */
export function readRumour(candidate: unknown): FoundTill | undefined {
  const { data: found } = foundShape.safeParse(candidate);
  return found?.principal.startsWith(`${found.store}-`) === true ? found : undefined;
}

/** Places to dial, the latest word per address. Bounded: anybody on a LAN can announce anything. */
export class FoundTargets {
  readonly #byAddress = new Map<string, DialTarget>();

  /** True where the list has changed. */
  add(found: FoundTill): boolean {
    const address = `${found.host} ${found.port}`;
    const isKnown = this.#byAddress.get(address)?.expect === found.principal;
    // Set anew, so that the longest unheard is the first to go.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, {
      host: found.host,
      port: found.port,
      expect: found.principal,
    });
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > limits.foundTills && oldest !== undefined)
      this.#byAddress.delete(oldest);
    return !isKnown;
  }

  get targets(): readonly DialTarget[] {
    return [...this.#byAddress.values()];
  }
}
