/**
 * A process's screens for the phones and tablets of its shop: gets the certificate from head office, makes the leaf for
 * what the machine is called now, and keeps both in time. Selling never waits for any of it.
 */
import type { FastifyInstance } from 'fastify';
import { webKeyBytes, newWebKeyPair } from '../trust/web-key.ts';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { Disk } from '../storage/disk.ts';
import { lanNamesOf, type LanNames } from '../trust/lan-names.ts';
import type { KeysAtRest } from '../trust/key-seal.ts';
import type { RandomBytes } from '../trust/keys.ts';
import { isDue } from '../trust/web-certificates.ts';
import {
  readWebIdentity,
  saveWebIdentity,
  WebIdentity,
  type WebIssued,
  type WebLeaf,
  type WebTerminal,
} from '../trust/web-identity.ts';
import { LanListener } from './lan-listener.ts';
import { fingerprintOf, trustPage } from './trust-page.ts';

/** What the till's own page shows of it. */
export type LanView = {
  /** `waiting`: head office has given no certificate yet. `over`: its time has run out, and head office has given no other. */
  readonly state: 'waiting' | 'ready' | 'over';
  /** `https://192.168.1.20:4443`, what a phone opens; of this machine's addresses and names that others can use. */
  readonly addresses: readonly string[];
  /** Of the web root, in groups; absent while waiting. */
  readonly fingerprint?: string;
  /** When the till's certificate ends, milliseconds since 1970. */
  readonly endsMs?: number;
  /** Why head office has given none, at the last try; absent where none failed. */
  readonly problem?: ErrorCode;
};

export type LanScreensParts = {
  readonly app: FastifyInstance;
  readonly listen: { readonly host: string; readonly port: number };
  readonly disk: Disk;
  /** File of the till's key and certificate. */
  readonly path: string;
  /** How its key lies in that file; absent: in the open. */
  readonly keys?: KeysAtRest;
  readonly terminal: WebTerminal;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Asks head office to sign for this key. */
  readonly issue: (publicKey: Uint8Array) => Promise<WebIssued>;
  /** Of this machine now, without loopback. */
  readonly addresses: () => readonly string[];
  readonly hostName: () => string;
  readonly onProblem: (error: unknown) => void;
  /** The leaf was made anew, or head office gave a certificate. */
  readonly onRenewed: (what: 'till' | 'leaf', endsMs: number) => void;
};

/** Addresses come and go with the network; head office comes back. */
const lookEveryMs = 30_000;
/** A certificate that is there and due: it has two months left. */
const askEveryMs = 3_600_000;

export class LanScreens {
  readonly #p: LanScreensParts;
  readonly #listener: LanListener;
  #port = 0;
  #identity: WebIdentity | undefined;
  #leaf: WebLeaf | undefined;
  #problem: ErrorCode | undefined;
  #askAgainMs = Number.NEGATIVE_INFINITY;
  #timer: { cancel(): void } | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: LanScreensParts) {
    this.#p = parts;
    this.#port = parts.listen.port;
    const { store, terminal } = parts.terminal;
    const page = trustPage({
      name: `${store} · ${terminal}`,
      root: () => this.#identity?.rootDer,
      hosts: () => [...this.#hosts(), ...this.allowed()],
    });
    this.#listener = new LanListener({ ...parts, page });
  }

  /** Listens, and answers with the port; what has to come from head office comes later. `app` must be ready. */
  async start(): Promise<number> {
    const { disk, path, terminal, keys } = this.#p;
    this.#identity = readWebIdentity(disk, path, terminal, keys);
    // One that lay open is closed.
    if (this.#identity && keys?.isSealing) {
      try {
        saveWebIdentity(disk, path, this.#identity, keys);
      } catch (error) {
        // A full disk: the next start tries again. The till does not wait for it.
        this.#p.onProblem(error);
      }
    }
    this.#port = await this.#listener.listen();
    // A certificate that is here already is in use before anybody comes.
    if (this.#identity) await this.#renewLeaf(this.#identity);
    void this.look();
    return this.#port;
  }

  /** `Host` values to accept: exactly what the leaf says, with this port. */
  allowed(): ReadonlySet<string> {
    const { names = [], addresses = [] } = this.#leaf?.names ?? {};
    const hosts = [...names, ...addresses.map(inBrackets)];
    return new Set(hosts.flatMap((host) => withPort(host, this.#port)));
  }

  view(): LanView {
    const { clock } = this.#p;
    const root = this.#identity?.rootDer;
    const endsMs = this.#identity?.certificate.validToDate.getTime();
    const state = endsMs === undefined ? 'waiting' : endsMs <= clock.wallMs() ? 'over' : 'ready';
    return {
      state,
      addresses: this.#hosts().map((host) => `https://${host}`),
      ...(root && { fingerprint: fingerprintOf(root) }),
      ...(endsMs !== undefined && { endsMs }),
      ...(this.#problem && { problem: this.#problem }),
    };
  }

  /** Looks whether something is missing, due or otherwise than it was, and at it again by itself later. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) => this.#p.onProblem(error));
    return this.#looking;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#listener.close();
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#p.clock.setTimer(() => void this.look(), lookEveryMs);
    const { clock } = this.#p;
    const before = this.#identity;
    const isWanted = !before || isDue(before.certificate, clock.wallMs());
    if (isWanted && clock.monotonicMs() >= this.#askAgainMs) await this.#ask();
    const identity = this.#identity;
    if (identity && (identity !== before || this.#isLeafOver(identity)))
      await this.#renewLeaf(identity);
  }

  async #ask(): Promise<void> {
    const { disk, path, terminal, keys, random, clock, issue, onRenewed, onProblem } = this.#p;
    this.#askAgainMs = clock.monotonicMs() + (this.#identity ? askEveryMs : lookEveryMs);
    const { privateKey, publicKey } = newWebKeyPair(random);
    try {
      const identity = new WebIdentity(terminal, await issue(webKeyBytes(publicKey)), privateKey);
      // The directory was sealed by then.
      if (this.#isStopped) return;
      saveWebIdentity(disk, path, identity, keys);
      this.#identity = identity;
      this.#problem = undefined;
      onRenewed('till', identity.certificate.validToDate.getTime());
    } catch (error) {
      this.#problem = isTillmeshError(error) ? error.code : 'INVARIANT';
      onProblem(error);
    }
  }

  #isLeafOver(identity: WebIdentity): boolean {
    const leaf = this.#leaf;
    if (!leaf || !sameNames(leaf.names, this.#names())) return true;
    // It lives no longer than the till's own: another would end with it, too.
    const canLiveLonger = leaf.certificate.validToDate < identity.certificate.validToDate;
    return canLiveLonger && isDue(leaf.certificate, this.#p.clock.wallMs());
  }

  async #renewLeaf(identity: WebIdentity): Promise<void> {
    const { random, clock, onRenewed } = this.#p;
    const leaf = await identity.leaf(this.#names(), { random, nowMs: clock.wallMs() });
    this.#leaf = leaf;
    this.#listener.use(leaf);
    onRenewed('leaf', leaf.certificate.validToDate.getTime());
  }

  #names(): LanNames {
    return lanNamesOf(this.#p.addresses(), this.#p.hostName());
  }

  /** `192.168.1.20:4443`, `till-1.local:4443`; loopback last, for there is nothing else without a network. */
  #hosts(): string[] {
    const { names, addresses } = this.#names();
    const all = [...addresses.map(inBrackets), ...names];
    const isOwn = (host: string): boolean => host === '127.0.0.1' || host === 'localhost';
    const others = all.filter((host) => !isOwn(host));
    return (others.length > 0 ? others : all).map((host) => `${host}:${this.#port}`);
  }
}

const inBrackets = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Browsers leave out the port that https has anyway. */
const withPort = (host: string, port: number): string[] =>
  port === 443 ? [host, `${host}:443`] : [`${host}:${port}`];

const sameNames = (a: LanNames, b: LanNames): boolean => JSON.stringify(a) === JSON.stringify(b);
