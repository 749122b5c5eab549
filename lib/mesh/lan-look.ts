/**
 * Looks for tills on the shop network by mDNS without announcing anything: for a machine that is no till yet. Everything
 * found is a rumour, kept in a bounded list.
 */
import { Bonjour, type Browser } from 'bonjour-service';
import { parsePrincipal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { readRumour } from './discovery.ts';
import { listenForErrors, mdnsService } from './lan-discovery.ts';

/** `name` is `S01-T1`. */
export type LanPlace = { readonly name: string; readonly host: string; readonly port: number };

export class LanLook {
  readonly #onProblem: (error: unknown) => void;
  readonly #found = new Map<string, LanPlace>();
  #bonjour: Bonjour | undefined;
  #browser: Browser | undefined;

  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  /** Never throws: a shop without multicast has addresses. */
  start(): void {
    try {
      const bonjour = new Bonjour({}, this.#onProblem);
      this.#bonjour = bonjour;
      listenForErrors(bonjour, this.#onProblem);
      this.#browser = bonjour.find({ type: mdnsService }, ({ txt, port, referer }) => {
        const said: unknown = txt;
        this.#heard({ ...(typeof said === 'object' ? said : {}), port, host: referer?.address });
      });
    } catch (error) {
      this.#onProblem(error);
    }
  }

  /** By name. */
  get places(): readonly LanPlace[] {
    return [...this.#found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  stop(): void {
    this.#browser?.stop();
    this.#bonjour?.destroy();
    this.#bonjour = undefined;
  }

  #heard(candidate: unknown): void {
    const found = readRumour(candidate);
    if (!found || this.#found.size >= limits.foundTills) return;
    const { host, port, principal } = found;
    const { store, terminal } = parsePrincipal(principal);
    this.#found.set(`${host} ${port}`, { name: `${store}-${terminal}`, host, port });
  }
}
