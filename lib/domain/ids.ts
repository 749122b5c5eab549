/**
 * Who and what: the identifiers of the store network, each with its exact shape.
 * Names made of them are document names, peer ids and printed numbers, so a shape here is frozen.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A shop, or `HQ` for head office itself: `S01`. */
export type StoreId = Branded<'StoreId'>;
/** An enrolled identity within a store: `T1`; relays are terminals of the store `HQ`: `HQ1`. */
export type TerminalId = Branded<'TerminalId'>;
/** One life of a terminal's journal: 8 random bytes as 16 lower-case hex digits. */
export type IncarnationId = Branded<'IncarnationId'>;
/** The short printed name of an incarnation: see `series.ts`. */
export type SeriesLetter = Branded<'SeriesLetter'>;
/** `store-terminal-incarnation`: the Automerge peer id and the common name of the incarnation's certificate. */
export type Principal = Branded<'Principal'>;
/** `store/terminal/incarnation`: everything that one incarnation did in one store. */
export type JournalKey = Branded<'JournalKey'>;
/** SHA-256 of an entry's bytes, base64url without padding (43 characters). */
export type EntryHash = Branded<'EntryHash'>;
/** A hybrid logical clock value: 12 hex digits of milliseconds, 4 of a counter. Sorts as text. */
export type Hlc = Branded<'Hlc'>;
/** A stock-keeping unit's code as HQ wrote it: `85123A`. */
export type Sku = Branded<'Sku'>;

const shapes = {
  StoreId: /^[A-Z][A-Z0-9]{0,7}$/,
  TerminalId: /^[A-Z]{1,3}[0-9]{1,4}$/,
  /** As one is given today: each number in one spelling. `T0` and `T007` were given before, and keep their names. */
  NewTerminalId: /^[A-Z]{1,3}[1-9][0-9]{0,3}$/,
  IncarnationId: /^[0-9a-f]{16}$/,
  SeriesLetter: /^[A-Z]{1,2}(?:[BCDFGHJKLMNPQRSTVWXZ]{5})?$/,
  Principal: /^[A-Z][A-Z0-9]{0,7}-[A-Z]{1,3}[0-9]{1,4}-[0-9a-f]{16}$/,
  JournalKey: /^[A-Z][A-Z0-9]{0,7}\/[A-Z]{1,3}[0-9]{1,4}\/[0-9a-f]{16}$/,
  EntryHash: /^[A-Za-z0-9_-]{43}$/,
  Hlc: /^[0-9a-f]{16}$/,
  // Printable, no leading or trailing blank, and never a name that an object already has.
  Sku: /^(?!__proto__$|constructor$|prototype$)[!-~¡-￿](?:[ -~¡-￿]{0,38}[!-~¡-￿])?$/,
} as const;

export const isStoreId = (text: unknown): text is StoreId => matches(text, shapes.StoreId);
export const isTerminalId = (text: unknown): text is TerminalId => matches(text, shapes.TerminalId);
export const isNewTerminalId = (text: unknown): text is TerminalId =>
  matches(text, shapes.NewTerminalId);
export const isIncarnationId = (text: unknown): text is IncarnationId =>
  matches(text, shapes.IncarnationId);
export const isSeriesLetter = (text: unknown): text is SeriesLetter =>
  matches(text, shapes.SeriesLetter);
export const isPrincipal = (text: unknown): text is Principal => matches(text, shapes.Principal);
export const isJournalKey = (text: unknown): text is JournalKey => matches(text, shapes.JournalKey);
export const isEntryHash = (text: unknown): text is EntryHash => matches(text, shapes.EntryHash);
export const isHlc = (text: unknown): text is Hlc => matches(text, shapes.Hlc);
export const isSku = (text: unknown): text is Sku => matches(text, shapes.Sku);

function matches(text: unknown, shape: RegExp): boolean {
  return typeof text === 'string' && shape.test(text);
}

export type Identity = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly incarnation: IncarnationId;
};

export const principalOf = (who: Identity): Principal =>
  `${who.store}-${who.terminal}-${who.incarnation}` as Principal;

export const journalKeyOf = (who: Identity): JournalKey =>
  `${who.store}/${who.terminal}/${who.incarnation}` as JournalKey;

export function parsePrincipal(principal: Principal): Identity {
  return split(principal, '-');
}

export function parseJournalKey(key: JournalKey): Identity {
  return split(key, '/');
}

/** `S01-T2` of `S01-T2-…`; what is no principal stays as it is. */
export const terminalNameOf = (peer: string): string =>
  isPrincipal(peer) ? peer.slice(0, peer.lastIndexOf('-')) : peer;

function split(text: string, separator: string): Identity {
  const [store, terminal, incarnation] = text.split(separator);
  return {
    store: store as StoreId,
    terminal: terminal as TerminalId,
    incarnation: incarnation as IncarnationId,
  };
}

/**
 * A version of HQ's documents. A number alone may stand for two of them, where a relay was restored from a backup that
 * knew less. `hash` is that of the signed record.
 */
export type ReleaseId = { readonly n: number; readonly hash: EntryHash };
