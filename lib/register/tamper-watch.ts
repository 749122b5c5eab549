/**
 * Watches over a till's own directory: looks it over before it is used, hears what the register finds while it reads,
 * reads all journals and documents in the background, and keeps the list of findings. Nothing is mended in silence:
 * what is not as it was left is kept aside, and what replaces it comes from journals and peers.
 */
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { findingKey, type Finding, type OpenFinding } from '../domain/findings.ts';
import type { HealthCause } from '../host/alarms.ts';
import type { FindingsSeen } from '../host/services.ts';
import { syncOrFail, writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { sealName } from '../storage/directory-seal.ts';
import { SealKeeper } from '../storage/seal-keeper.ts';
import { setAside } from '../storage/set-aside.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import type { KeysAtRest } from '../trust/key-seal.ts';
import { genuineIn, KnownDocuments } from './salvage.ts';
import { lookAtDirectory } from './directory-look.ts';
import { FindingList, findingsName } from './finding-list.ts';
import { differingRows } from './models-differ.ts';
import { patrol } from './patrol.ts';
import type { RegisterEvent } from './register-parts.ts';
import type { Register } from './register.ts';

export type TamperWatchParts = {
  /** The real one: what it writes is sealed through `TamperWatch.disk`. */
  readonly disk: Disk;
  readonly directory: string;
  readonly witnessDirectory: string;
  readonly clock: Clock;
  /** How private keys lie on the disk; absent: in the open. */
  readonly keys?: KeysAtRest;
  readonly onFound: (finding: OpenFinding) => void;
  readonly onProblem: (error: unknown) => void;
  /** Between two files that the patrol reads, so that selling goes first; one file takes up to a tenth of a second. */
  readonly pauseMs?: number;
};

const patrolPauseMs = 250;
/** By then a till that is linked at all has heard of a peer that knows a longer journal of its own. */
const tellAfterMs = 30_000;
const models = 'projections.db';
/** An older directory, and the two files by which an edit is known and remembered. */
const telling = ['.', sealName, findingsName];

export class TamperWatch {
  readonly list: FindingList;
  readonly #p: TamperWatchParts;
  readonly #seal: SealKeeper;
  /** What of the read models was put aside at the start. */
  #modelsAside: string | undefined;
  #register: Register | undefined;
  #isTelling = false;
  /** Lives that began in this process: nobody can know more of them. */
  readonly #begun = new Set<string>();
  /** The end of the own journal when it was opened; undefined once it may be written to. */
  #openedAt: number | undefined;
  #telling: { cancel(): void } | undefined;
  #isOver = false;
  #checked: Promise<void> = Promise.resolve();

  /** Before anything in the directory is read or written; the directory must be locked by this process. */
  static begin(parts: TamperWatchParts): TamperWatch {
    const watch = new TamperWatch(parts);
    watch.#look();
    watch.#seal.begin();
    watch.list.keepOn(watch.disk);
    return watch;
  }

  private constructor(parts: TamperWatchParts) {
    this.#p = parts;
    const { disk, directory, clock, onFound, onProblem } = parts;
    this.#seal = new SealKeeper({ ...parts, wallMs: () => clock.wallMs() });
    const path = `${directory}/${findingsName}`;
    this.list = new FindingList(disk, { path, clock, onFound, onProblem });
  }

  /** For whatever replaces small files of the directory: each is sealed as it changes. */
  get disk(): Disk {
    return this.#seal.disk;
  }

  /** Resolves when all that lies in the directory was read once. */
  get checked(): Promise<void> {
    return this.#checked;
  }

  /**
   * Whether a file is not as this till left it, and nobody has looked yet: what it says may be a hand's work. So may every
   * one while nothing tells, because what would tell is gone or was edited itself.
   */
  distrusts(path: string): boolean {
    return [path, ...telling].some((place) => this.list.concerns(place));
  }

  /** What the register says while it reads its files. */
  happened(event: RegisterEvent): void {
    if (event.kind === 'incarnationBegun') this.#begun.add(event.principal);
    const finding = findingOf(event, this.#p.directory);
    if (finding) this.#found(finding);
  }

  /** The register is open: findings are told, and the patrol begins. */
  follow(register: Register): void {
    this.#register = register;
    this.#seal.lives(register.living.incarnation);
    register.onChange(() => this.#changed());
    this.#openedAt = register.replica.own.tip.seq;
    this.#telling = this.#p.clock.setTimer(() => {
      this.#openedAt = undefined;
      this.#changed();
    }, tellAfterMs);
    this.#compareModels(register);
    this.#changed();
    const { disk, directory, clock, pauseMs = patrolPauseMs } = this.#p;
    this.#checked = patrol({
      disk,
      directory,
      register,
      pause: () => new Promise((resolve) => void clock.setTimer(resolve, pauseMs)),
      isOver: () => this.#isOver,
      onFound: (finding) => this.#found(finding),
    }).catch(this.#p.onProblem);
  }

  /** A person has looked at everything that is open, or at one finding. Gives what it was. */
  seen(by: string, { only, note }: FindingsSeen = {}): readonly OpenFinding[] {
    const { open } = this.list;
    const key = only && findingKey(only);
    const meant = only ? open.filter((finding) => findingKey(finding) === key) : open;
    if (meant.length === 0) return meant;
    this.#openedAt = undefined;
    const register = this.#register;
    if (register) {
      // What was looked at before it was said would stand nowhere.
      this.#tell(register);
      const look = {
        ...(only && { left: open.length - meant.length }),
        ...(note !== undefined && { note }),
      };
      register.findingsChecked(meant, look, by);
    }
    this.list.end(meant);
    return meant;
  }

  /** When the register has stopped: seals what it left. */
  end(): void {
    this.#isOver = true;
    this.#telling?.cancel();
    this.#register = undefined;
    this.#seal.end();
  }

  #look(): void {
    const { disk, directory, witnessDirectory } = this.#p;
    const identity = new IdentityStore(disk, `${directory}/identity`, this.#p.keys);
    const found = lookAtDirectory({
      disk,
      directory,
      witnessDirectory,
      identity,
      reading: 'touched',
    });
    // A directory that somebody made for a till that is none yet: it held nothing that others could have read.
    const isNew = disk.stat(`${directory}/identity/enrolment.json`) === undefined;
    for (const finding of found) {
      if (finding.code === 'MODE_OPEN') this.#close(finding.where);
      if (finding.code === 'MODE_OPEN' && isNew) continue;
      this.list.add(finding);
      if (finding.code === 'FILE_EDITED' || finding.code === 'FILE_STRANGE')
        this.#putAside(finding);
    }
  }

  #close(where: string): void {
    const path = where === '.' ? this.#p.directory : `${this.#p.directory}/${where}`;
    const isDirectory = this.#p.disk.stat(path)?.kind === 'directory';
    try {
      chmodSync(path, isDirectory ? 0o700 : 0o600);
    } catch (error) {
      // A file system without rights: the finding comes again at each start, as it should.
      this.#p.onProblem(error);
    }
  }

  /**
   * Read models carry no signature: edited ones are not read at all. Of a document's edited piece the changes count that
   * carry their writer's; a till whose list of operators was edited must not be left without any.
   * Journals are judged entry by entry, and what says who this till is by its certificates.
   */
  #putAside({ where, what }: Finding): void {
    const isModels = where.startsWith(models);
    if (!isModels && !where.startsWith('documents/')) return;
    const { disk, directory, clock } = this.#p;
    const aside = `${directory}/aside`;
    const name = where.replaceAll('/', '.');
    try {
      const path = `${directory}/${where}`;
      if (disk.stat(path) === undefined) return;
      const known = isModels ? undefined : new KnownDocuments(disk, directory, clock.wallMs());
      const rule = known?.of(where);
      const [piece, caPem] = [disk.read(path), disk.read(`${directory}/identity/ca.pem`)];
      const genuine =
        rule && piece && caPem && genuineIn(piece, rule, caPem, piecesBeside(disk, path));
      const salvaged = `${directory}/salvaged.tmp`;
      // First: on a full disk nothing of the document may be gone from its place.
      if (genuine) writeAtomically(disk, salvaged, genuine);
      const target = setAside(disk, path, aside, { name, reason: what ?? 'not as it was left' });
      if (genuine) {
        disk.rename(salvaged, path);
        syncOrFail(disk, dirname(path));
      }
      if (where === models) this.#modelsAside = target;
      // A log that does not belong to the file would be played into the next one.
      if (isModels) for (const end of ['-wal', '-shm']) disk.remove(`${directory}/${models}${end}`);
    } catch (error) {
      if (isTillmeshError(error, 'DISK_FAILED')) throw error;
      throw new TillmeshError('FILE_DAMAGED', where, { cause: error });
    }
  }

  /** What the edited read models said otherwise than those that were made anew from the journals. */
  #compareModels(register: Register): void {
    const aside = this.#modelsAside;
    this.#modelsAside = undefined;
    if (aside === undefined) return;
    // What was folded is on its way into the file: a query makes sure.
    register.models.tidy();
    const what = differingRows(aside, `${this.#p.directory}/${models}`);
    this.#found({ code: 'READ_MODELS_EDITED', where: models, ...(what === '' ? {} : { what }) });
  }

  #found(finding: Finding): void {
    this.list.add(finding);
    this.#changed();
  }

  /**
   * Not as the first thing after a start: where the directory was set back and nothing here remembers, the entry would take
   * a seq that was used before (P3). A peer may know; and once something was sold it makes no difference any more.
   */
  #mayTell({ living, replica }: Register): boolean {
    if (this.#openedAt === undefined || this.#begun.has(living.principal)) return true;
    return replica.own.tip.seq !== this.#openedAt;
  }

  #tell(register: Register): void {
    this.list.tell(register.living.incarnation, (finding) => register.observe(finding));
  }

  /** In a turn of its own: it may be called from the middle of the register's work. */
  #changed(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      const register = this.#register;
      if (!register) return;
      try {
        this.#seal.lives(register.living.incarnation);
        if (this.#mayTell(register)) this.#tell(register);
      } catch (error) {
        // Between two lives, or on a full disk: the next change tries again.
        if (!isTillmeshError(error, 'BEGINNING_ANEW')) this.#p.onProblem(error);
      }
    });
  }
}

/** All pieces of the document that a piece is of. */
const piecesBeside = (disk: Disk, path: string): Uint8Array[] =>
  ['snapshot', 'incremental']
    .map((kind) => `${dirname(dirname(path))}/${kind}`)
    .flatMap((kind) => disk.list(kind).flatMap((file) => disk.read(`${kind}/${file}`) ?? []));

/** A finding as what every page warns of. */
export const tamperedBy = ({ code, where }: Finding): HealthCause => ({
  kind: 'tampered',
  subject: where,
  code,
});

/** What `GET /api/health` says of findings to who shows the token: their codes; nothing where there are none. */
export const healthOf = (
  open: readonly OpenFinding[],
): { readonly findings?: readonly string[] } =>
  open.length === 0 ? {} : { findings: [...new Set(open.map(({ code }) => code))] };

/** What a register's event says of its files; undefined where it says nothing of them. */
export function findingOf(event: RegisterEvent, directory: string): Finding | undefined {
  switch (event.kind) {
    case 'damaged': {
      const where = event.what.replace(/^journal\//, 'journals/');
      return { code: 'JOURNAL_DAMAGED', where: `${where}.changes`, what: event.detail };
    }
    case 'entriesGone': {
      const { journal, seq, lastSeq } = event;
      const what = `${seq}–${lastSeq} were here`;
      return { code: 'JOURNAL_CUT', where: `journals/${journal}`, seq, what };
    }
    case 'numbersSetBack':
      return { code: 'READ_MODELS_EDITED', where: models, what: 'the last number of a series' };
    case 'revocationGone':
      return { code: 'REVOCATION_GONE', where: 'notices', what: event.journal };
    case 'incarnationBegun':
      return lifeBegun(event);
    case 'storage':
      return documentDamaged(event.detail, directory);
    case 'invalidRecord':
      return event.list.startsWith('desk')
        ? undefined
        : { code: 'RECORD_FALSE', where: event.list, what: event.detail };
    default:
      return undefined;
  }
}

const lives = { copied: 'LIFE_COPIED', restored: 'LIFE_RESTORED', forked: 'LIFE_FORKED' } as const;

const lifeBegun = ({
  reason,
  principal,
}: RegisterEvent & { kind: 'incarnationBegun' }): Finding | undefined =>
  reason === 'enrolled'
    ? undefined
    : { code: lives[reason], where: 'identity/current.json', what: `now ${principal}` };

function documentDamaged(detail: string, directory: string): Finding | undefined {
  const { kind, path, reason } = JSON.parse(detail) as Readonly<Record<string, unknown>>;
  if (kind !== 'set-aside' || typeof path !== 'string') return undefined;
  const where = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
  return { code: 'DOCUMENT_DAMAGED', where, what: String(reason) };
}
