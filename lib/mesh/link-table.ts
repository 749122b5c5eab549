/**
 * Which links there are: at most one that is up per peer, and a bounded number still greeting. Decides between
 * two links of one pair; both ends decide alike without asking each other.
 */
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Link } from './link.ts';

type Facts = Pick<Link, 'peer' | 'dialled' | 'instance'>;

/**
 * The pair has `old` and `next` has just greeted. Of two diallers the smaller name's link stays. The same dialler
 * again means that it has lost the old one. Another process under the same name replaces nothing.
 */
export function choose(me: Principal, old: Facts, next: Facts): 'old' | 'new' | 'otherProcess' {
  if (old.instance !== undefined && next.instance !== undefined && old.instance !== next.instance)
    return 'otherProcess';
  const dialler = (link: Facts): Principal => (link.dialled ? me : link.peer);
  if (dialler(old) === dialler(next)) return 'new';
  return dialler(old) < dialler(next) ? 'old' : 'new';
}

export class LinkTable {
  readonly #up = new Map<Principal, Link>();
  readonly #greeting = new Set<Link>();

  linkTo(peer: Principal): Link | undefined {
    return this.#up.get(peer);
  }

  get peers(): Principal[] {
    return [...this.#up.keys()];
  }

  get all(): Link[] {
    return [...this.#greeting, ...this.#up.values()];
  }

  /** Do we reach this peer already, or are about to by a dial of our own? */
  reaches(peer: Principal): boolean {
    return (
      this.#up.has(peer) || [...this.#greeting].some((link) => link.peer === peer && link.dialled)
    );
  }

  hasRoomFor(peer: Principal): boolean {
    if (this.#greeting.size >= limits.greetingLinks) return false;
    const terminal = terminalOf(peer);
    const ofTerminal = this.all.filter((link) => terminalOf(link.peer) === terminal);
    // Lives cost their terminal nothing.
    if (ofTerminal.length >= limits.linksPerTerminal) return false;
    const ofPeer = [...this.#greeting].filter((link) => link.peer === peer);
    return ofPeer.length < limits.greetingLinksPerPeer;
  }

  greet(link: Link): void {
    this.#greeting.add(link);
  }

  raise(link: Link): void {
    this.#greeting.delete(link);
    this.#up.set(link.peer, link);
  }

  /** True where the peer had this link up, and so has none now. */
  remove(link: Link): boolean {
    this.#greeting.delete(link);
    if (this.#up.get(link.peer) !== link) return false;
    return this.#up.delete(link.peer);
  }
}

const terminalOf = (peer: Principal): string => peer.slice(0, peer.lastIndexOf('-'));
