/**
 * Discovery by mDNS (`_tillmesh._tcp`). Errors of the UDP socket are reported and never end the process; the browser
 * is made anew at intervals, which bounds what strangers can make it remember and notices changed addresses.
 */
import { Bonjour } from 'bonjour-service';
import type { Browser, Service } from 'bonjour-service';
import type { Clock } from '../domain/clock.ts';
import { readFound } from './discovery.ts';
import type { Announcement, Discovery, FoundTill } from './discovery.ts';

export type LanDiscoveryOptions = {
  readonly clock: Clock;
  /** Address of the interface to speak on; absent: all. */
  readonly interface?: string;
  readonly onProblem: (error: unknown) => void;
  readonly refreshMs?: number;
};

/** `_tillmesh._tcp`. */
export const mdnsService = 'tillmesh';
const REFRESH_MS = 30_000;
/** A goodbye that cannot be sent is not waited for. */
const STOP_MS = 500;

export class LanDiscovery implements Discovery {
  readonly #options: LanDiscoveryOptions;
  readonly #listeners: ((found: FoundTill) => void)[] = [];
  #bonjour: Bonjour | undefined;
  #browser: Browser | undefined;
  #timer: { cancel(): void } | undefined;

  constructor(options: LanDiscoveryOptions) {
    this.#options = options;
  }

  onFound(listener: (found: FoundTill) => void): void {
    this.#listeners.push(listener);
  }

  start(own: Announcement): void {
    const { interface: address, onProblem } = this.#options;
    try {
      const bonjour = new Bonjour(
        address === undefined ? {} : { ...({ interface: address } as object) },
        onProblem,
      );
      this.#bonjour = bonjour;
      listenForErrors(bonjour, onProblem);
      bonjour.publish({
        name: own.principal,
        type: mdnsService,
        port: own.port,
        // Principals are unique; a probe would write to the console where a copy of this till is about.
        probe: false,
        txt: {
          company: own.company,
          store: own.store,
          principal: own.principal,
          version: own.version,
        },
      });
      this.#look(own);
    } catch (error) {
      onProblem(error);
    }
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#browser?.stop();
    const bonjour = this.#bonjour;
    this.#bonjour = undefined;
    if (bonjour === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(resolve, STOP_MS);
      bonjour.unpublishAll(() => {
        timer.cancel();
        resolve();
      });
    });
    bonjour.destroy();
  }

  #look(own: Announcement): void {
    if (this.#bonjour === undefined) return;
    this.#browser?.stop();
    this.#browser = this.#bonjour.find({ type: mdnsService }, (service) =>
      this.#heard(service, own),
    );
    this.#timer = this.#options.clock.setTimer(
      () => this.#look(own),
      this.#options.refreshMs ?? REFRESH_MS,
    );
  }

  #heard(service: Service, own: Announcement): void {
    const txt: unknown = service.txt;
    const found = readFound(
      {
        ...(typeof txt === 'object' ? txt : {}),
        port: service.port,
        host: service.referer?.address,
      },
      own,
    );
    if (found === undefined) return;
    for (const listener of this.#listeners) listener(found);
  }
}

/** The library gives its socket's errors to nobody, and an `error` event without a listener ends the process. */
export function listenForErrors(bonjour: Bonjour, onProblem: (error: unknown) => void): void {
  const server: unknown = Reflect.get(bonjour, 'server');
  const socket: unknown =
    typeof server === 'object' && server !== null ? Reflect.get(server, 'mdns') : undefined;
  if (!hasEvents(socket)) throw new TypeError('bonjour-service has changed inside');
  socket.on('error', onProblem);
  socket.on('warning', onProblem);
}

const hasEvents = (
  socket: unknown,
): socket is { on(event: string, listener: (error: unknown) => void): void } =>
  typeof socket === 'object' &&
  socket !== null &&
  'on' in socket &&
  typeof socket.on === 'function';
