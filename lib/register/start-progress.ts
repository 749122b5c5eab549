/**
 * How far this till is with what its peers have: the newest release, and the journals of the store. Read models are folded
 * before anybody is answered, so that what is here is also counted.
 */
import { parseJournalKey, type JournalKey } from '../domain/ids.ts';
import type { Figures, StartProgress } from '../host/start-progress.ts';
import { headOffice } from '../replica/keyring.ts';
import type { Register } from './register.ts';

export class ProgressWatch {
  readonly #register: Register;
  /** Had all that was known once, since the process began: what comes later is the day's work. */
  #isCaughtUp = false;

  constructor(register: Register) {
    this.#register = register;
  }

  view(): StartProgress {
    const { replica, releaseParts } = this.#register;
    const peers = replica.mesh.peers;
    const hqLinked = peers.some((peer) => peer.startsWith(`${headOffice}-`));
    const tillsLinked = peers.filter((peer) => !peer.startsWith(`${headOffice}-`)).length;
    const isReady = this.#canSell();
    const journals = this.#journals();
    // Before the release is here it is not known whose journals there are.
    const isTold = peers.some((peer) => replica.voice.presence.of(peer) !== undefined);
    if (isReady && isTold && journals.here >= journals.all) this.#isCaughtUp = true;
    return {
      step: isReady ? 'ready' : peers.length > 0 ? 'catalogue' : 'linking',
      tillsLinked,
      hqLinked,
      catalogue: isReady ? { here: releaseParts.all, all: releaseParts.all } : releaseParts,
      journals: this.#isCaughtUp ? { here: journals.all, all: journals.all } : journals,
    };
  }

  /**
   * The first releases of a company may hold people and no goods, and they are complete first. Goods of an older release
   * are sold while a newer one is on its way: that may be for days.
   */
  #canSell(): boolean {
    const { release, awaitsRelease, models } = this.#register;
    return release > 0 && (!awaitsRelease || models.bestSellers(undefined, 1).length > 0);
  }

  /** By the longest that anybody who is linked has of each journal. A claim on a journal of nobody counts nothing. */
  #journals(): Figures {
    const { replica, living } = this.#register;
    const known = new Map<JournalKey, number>();
    for (const peer of replica.mesh.peers)
      for (const [key, { seq }] of Object.entries(replica.voice.presence.of(peer)?.tips ?? {})) {
        const journal = key as JournalKey;
        if (seq > (known.get(journal) ?? 0)) known.set(journal, seq);
      }
    let here = 0;
    let all = 0;
    for (const [journal, { seq }] of replica.tips()) {
      if (parseJournalKey(journal).store !== living.identity.store) continue;
      here += seq;
      all += Math.max(0, (known.get(journal) ?? 0) - seq);
      known.delete(journal);
    }
    for (const [journal, seq] of known) if (replica.keyring.writer(journal)) all += seq;
    return { here, all: all + here };
  }
}
