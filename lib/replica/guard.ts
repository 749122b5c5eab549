/**
 * Looks at every sync message before the repo does. A message is taken whole, answered "unavailable", or its link is closed:
 * dropping one and going on would desynchronise the pair for ever. Entries that pass are on disk before the repo has them.
 */
import * as A from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';
import type {
  DocumentRegistry,
  DocumentRule,
  HqMapRule,
  JournalRule,
  RecordListRule,
} from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import { parseJournalKey, parsePrincipal, type JournalKey, type Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import type { CheckedChange } from '../journal/segment-index.ts';
import { signerOf } from './change-signer.ts';
import type { Desks } from './desks.ts';
import type { Journals } from './journals.ts';
import { headOffice, type Keyring } from './keyring.ts';
import type { RecordLists } from './record-lists.ts';

export type GuardOptions = {
  readonly registry: DocumentRegistry;
  readonly journals: Journals;
  readonly records: RecordLists;
  readonly desks: Pick<Desks, 'receive'>;
  readonly keyring: Keyring;
  /** The journal that only this process may continue. */
  readonly live: JournalKey | undefined;
  /** Validly signed entries of the live journal that this process did not write: it is being continued elsewhere. */
  readonly onContinuedElsewhere: (entries: readonly CheckedChange[]) => void;
};

export class Guard {
  readonly #o: GuardOptions;
  constructor(options: GuardOptions) {
    this.#o = options;
  }

  /** For the mesh: the message to hand on, or what to answer. Throws a catalogue error to close the link. */
  inspect = (message: Message, from: Principal): Message | 'unavailable' => {
    if (message.type !== 'sync' && message.type !== 'request') return message;
    if (!message.documentId || !message.data) return 'unavailable';
    const rule = this.#o.registry.rule(message.documentId);
    if (!rule || !this.mayShare(from, rule)) return 'unavailable';
    const changes = changesOf(message.data);
    if (rule.kind === 'desk')
      return this.#o.desks.receive(rule, changes, from) ? message : 'unavailable';
    if (changes.length === 0) return message;
    if (rule.kind === 'journal') {
      if (!this.#hasWriter(rule)) return 'unavailable';
      this.journalChanges(rule, changes, from);
      // On our disk like every branch; a document cannot hold two changes with one actor and seq.
      if (this.#o.journals.hasTwins(rule)) return 'unavailable';
    } else for (const change of changes) this.#check(rule, change);
    return message;
  };

  /** Changes of a journal, by whatever road: verified, kept, told. Returns how many were new and how many wait. */
  journalChanges(
    rule: JournalRule,
    changes: readonly Uint8Array[],
    from: Principal,
  ): { accepted: number; orphans: number } {
    const live = rule.journal === this.#o.live;
    return this.#o.journals.receive(rule, changes, from, (fresh) => {
      if (!live) return;
      this.#o.onContinuedElsewhere(fresh);
      // Not hostile: a copy of this till is as genuine as we are. Nothing of it enters while we still write here.
      throw new ContinuedElsewhere();
    });
  }

  /** May this peer read and write this document at all? Total: never throws. */
  mayShare(peer: Principal, rule: DocumentRule): boolean {
    const { store } = parsePrincipal(peer);
    // A cart in the making is the store's own matter.
    if (rule.kind === 'desk') return rule.store === store;
    if (store === headOffice) return true;
    if (rule.kind === 'journal') return parseJournalKey(rule.journal).store === store;
    return rule.kind === 'hq' || rule.store === undefined || rule.store === store;
  }

  #hasWriter(rule: JournalRule): boolean {
    return this.#o.keyring.writer(rule.journal) !== undefined;
  }

  #check(rule: RecordListRule | HqMapRule, bytes: Uint8Array): void {
    boundChange(bytes);
    if (rule.kind === 'records') this.#o.records.check(rule, bytes);
    else this.#hqMap(rule, bytes);
  }

  /**
   * HQ's maps: only what a relay of this company signed, whoever carries it. What counts of it is decided by signed heads
   * (P7); but a change of anybody else, once merged, would travel on with honest tills, and one that borrows
   * HQ's actor would keep HQ's next change out.
   */
  #hqMap(rule: HqMapRule, bytes: Uint8Array): void {
    if (equalBytes(bytes, rule.genesis.bytes)) return;
    const by = signerOf(this.#o.keyring, bytes, rule.name);
    if (by.identity.store !== headOffice) throw new TillmeshError('NOT_THE_WRITER', rule.map);
  }
}

/** The live journal is being continued by another device: the link begins anew after this process has begun another life. */
export class ContinuedElsewhere extends Error {
  constructor() {
    super('the live journal is continued elsewhere');
    this.name = 'ContinuedElsewhere';
  }
}

function changesOf(data: Uint8Array): Uint8Array[] {
  let message: A.DecodedSyncMessage;
  try {
    message = A.decodeSyncMessage(data);
  } catch (cause) {
    throw new TillmeshError('FRAME_MALFORMED', 'sync message', { cause });
  }
  const { heads, need, changes } = message;
  // Heads and questions cost Automerge more than they cost their sender.
  const most = Math.max(heads.length, need.length, changes.length);
  if (most > limits.changesPerMessage) throw new TillmeshError('OVER_LIMIT', `${most} changes`);
  return changes;
}
