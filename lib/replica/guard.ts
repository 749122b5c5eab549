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
} from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { parseJournalKey, parsePrincipal, type JournalKey, type Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { boundChange } from '../journal/change-bounds.ts';
import type { CheckedChange } from '../journal/segment-index.ts';
import type { Journals } from './journals.ts';
import { headOffice, type Keyring } from './keyring.ts';
import type { RecordLists } from './record-lists.ts';

export type GuardOptions = {
  readonly registry: DocumentRegistry;
  readonly journals: Journals;
  readonly records: RecordLists;
  readonly keyring: Keyring;
  /** The journal that only this process may continue. */
  readonly live: JournalKey | undefined;
  /** Relays take HQ's documents from relays only. */
  readonly isRelay: boolean;
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
    if (changes.length === 0) return message;
    if (rule.kind === 'journal') {
      if (!this.#hasWriter(rule)) return 'unavailable';
      this.journalChanges(rule, changes, from);
    } else for (const change of changes) this.#check(rule, change, from);
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
    if (store === headOffice) return true;
    if (rule.kind === 'journal') return parseJournalKey(rule.journal).store === store;
    return rule.kind === 'hq' || rule.store === undefined || rule.store === store;
  }

  #hasWriter(rule: JournalRule): boolean {
    return this.#o.keyring.writer(rule.journal) !== undefined;
  }

  #check(rule: Exclude<DocumentRule, JournalRule>, bytes: Uint8Array, from: Principal): void {
    boundChange(bytes);
    const change = decode(bytes);
    if (rule.kind === 'records') this.#o.records.check(rule, change);
    else this.#hqMap(rule, change, from);
  }

  #hqMap(rule: HqMapRule, change: A.DecodedChange, from: Principal): void {
    if (change.hash === rule.genesis.hash) return;
    if (this.#o.isRelay && parsePrincipal(from).store !== headOffice)
      throw new TillmeshError('NOT_THE_WRITER', `${rule.map} from a register`);
    // Whoever else made it: without HQ's signed heads it is inert (P7).
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
  let changes: Uint8Array[];
  try {
    ({ changes } = A.decodeSyncMessage(data));
  } catch (cause) {
    throw new TillmeshError('FRAME_MALFORMED', 'sync message', { cause });
  }
  if (changes.length > limits.changesPerMessage)
    throw new TillmeshError('OVER_LIMIT', `${changes.length} changes`);
  return changes;
}

function decode(bytes: Uint8Array): A.DecodedChange {
  try {
    return A.decodeChange(bytes);
  } catch (cause) {
    if (isTillmeshError(cause)) throw cause;
    throw new TillmeshError('FRAME_MALFORMED', 'change', { cause });
  }
}
