/**
 * The business day that an earlier life of this terminal left open: that of a till which this one replaced, or its own from
 * before a restore. Asked only until this life has a day of its own.
 */
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey, type JournalKey } from '../domain/ids.ts';
import type { Replica } from '../replica/replica.ts';
import { lastDay } from './business-day.ts';

type Parts = Pick<Replica, 'journals' | 'me' | 'mesh'> & {
  readonly voice: Pick<Replica['voice'], 'presence'>;
};

export class DayBefore {
  #known: { readonly tips: string; readonly day: string | undefined } | undefined;

  /**
   * Undefined where there is none, and while such a journal is still coming: on its way it passes through days that were
   * closed long ago.
   */
  of(replica: Parts): string | undefined {
    const lives = earlierLives(replica);
    const tips = lives.map((key) => `${key} ${replica.journals.tip(key).hash}`).join(' ');
    if (this.#known?.tips !== tips) this.#known = { tips, day: dayOf(replica, lives) };
    return lives.some((key) => isComing(replica, key)) ? undefined : this.#known.day;
  }
}

function earlierLives({ journals, me }: Parts): JournalKey[] {
  const { store, terminal, incarnation } = me.identity;
  return journals.keys().filter((key) => {
    const life = parseJournalKey(key);
    return life.store === store && life.terminal === terminal && life.incarnation !== incarnation;
  });
}

const isComing = ({ journals, mesh, voice }: Parts, key: JournalKey): boolean =>
  mesh.peers.some((peer) => (voice.presence.of(peer)?.tips[key]?.seq ?? 0) > journals.tip(key).seq);

function dayOf({ journals }: Parts, lives: readonly JournalKey[]): string | undefined {
  const [latest] = lives
    .flatMap((key) => {
      try {
        return lastDay(journals.reader.entriesBackwards(key)) ?? [];
      } catch (error) {
        // What is damaged comes back from peers; until then the calendar names the day.
        if (!isTillmeshError(error, 'FILE_DAMAGED')) throw error;
        return [];
      }
    })
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  return latest?.open;
}
