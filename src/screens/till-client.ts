/**
 * What a page asks of its own till. The answers come from the same origin and are typed by the seam that the routes
 * are built to, so they are not judged once more here. A refusal is a value; a fault, or no answer, is thrown.
 */
import type { ReceiptKey } from '#lib/domain/bodies.ts';
import { limits } from '#lib/domain/limits.ts';
import { operatorHeader } from '#lib/host/operator-header.ts';
import type { CommandOutcome, FindingsSeen } from '#lib/host/services.ts';
import type { LanView } from '#lib/host/lan-screens.ts';
import type { SessionRow, SessionView } from '#lib/host/screen-gate.ts';
import type { StartProgress } from '#lib/host/start-progress.ts';
import type {
  CartAnswer,
  CartChange,
  CartView,
  DocumentsFilter,
  DocumentView,
  JournalFilter,
  JournalPage,
  MeshView,
  OperatorName,
  Paid,
  PinWaiting,
  Printed,
  Receipt,
  Refused,
  SelfTestView,
  SignIn,
  StockCard,
  StoreCart,
  TenderGiven,
  TileRow,
} from '#lib/host/till-services.ts';
import { refusalWords, type RefusalSeen } from './refusal-words.ts';
import { texts } from '../texts/english.ts';
import { answering } from './answering.svelte.ts';

/** Something went wrong on the way or in the till; the message is a sentence for the operator. */
export class TillFault extends Error {
  /** `NO_ANSWER` where none came: what was asked may have been done all the same. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'TillFault';
    this.code = code;
  }
}

/** Longer than a full disk takes to say so; a sale is acknowledged within milliseconds. */
const patienceMs = 15_000;

type Tested = { readonly test: SelfTestView | null };
export type SessionList = {
  readonly sessions: readonly SessionRow[];
  /** Which of them asks. */
  readonly own: string;
};
type Refusal = Extract<SignIn, { outcome: 'refused' }>;
type FailureBody = { readonly error?: { readonly code: string; readonly message: string } };

let drawnFor: string | undefined;
/** A whole new page: nothing of the last operator stays in memory. */
const toSignIn = (): void =>
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
let shut: () => void = toSignIn;

/**
 * For the browser alone: whose name this page shows. From then on it asks for nothing in another's, who may have signed
 * in in another window.
 */
export function askOnlyAs(operator: string): void {
  drawnFor = operator;
}

/** What a page does that is told that nobody is signed in; the shell looks first whether it is locked alone. */
export function whenShut(act: () => void): () => void {
  shut = act;
  return () => {
    shut = toSignIn;
  };
}

/** One question to the own process; `path` is below `/screen/`. */
export async function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const answered = answering.asked();
  const response = await fetch(`/screen/${path}`, {
    method,
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      ...(drawnFor !== undefined && { [operatorHeader]: drawnFor }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => undefined);
  const answer = (await response?.json().catch(() => undefined)) as
    (Body & { readonly outcome?: string } & FailureBody) | undefined;
  answered();
  if (!response || answer === undefined) throw new TillFault('NO_ANSWER', texts.faults.noAnswer);
  // What is refused is said in the language of the screens, whatever the till's own sentence is.
  if (isRefusal(answer)) return { ...answer, message: refusalWords(answer) };
  if (response.ok) return answer;
  const { code = 'UNKNOWN', message = texts.error.unexpected } = answer.error ?? {};
  if (code === 'SIGN_IN_NEEDED') shut();
  throw new TillFault(code, message);
}

const isRefusal = (
  answer: object & { readonly outcome?: string },
): answer is RefusalSeen & { outcome: string } =>
  answer.outcome === 'refused' && 'code' in answer && 'message' in answer;

/** What was pasted may hold what the till takes for no text; the words in it are what somebody looks for. */
const searchable = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, limits.descriptionCharacters)
    .toWellFormed();

export const query = (values: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();

export const tillClient = {
  session: () => ask<SessionView>('GET', 'session'),
  signIn: (operator: string, pin: string) =>
    ask<SessionView | Refusal>('POST', 'session', { operator, pin }),
  signOut: () => ask<SessionView>('DELETE', 'session'),
  operators: () =>
    ask<{ operators: readonly OperatorName[]; waits: readonly PinWaiting[] }>('GET', 'operators'),
  unlock: (operator: string) =>
    ask<{ readonly outcome: 'done' } | Refused>('POST', 'unlock', { operator }),
  lock: () => ask<SessionView>('POST', 'lock', {}),
  awake: () => ask<SessionView>('POST', 'awake', {}),

  cart: () => ask<CartView>('GET', 'cart'),
  changeCart: (change: CartChange) => ask<CartAnswer>('POST', 'cart', change),
  /** The same by the PIN of somebody who may; the session stays whose it is. */
  approveChange: (operator: string, pin: string, change: CartChange) =>
    ask<CartAnswer | Refusal>('POST', 'approvals', { operator, pin, change }),
  pay: (cart: string, totalMinor: number, tenders: readonly TenderGiven[]) =>
    ask<Paid>('POST', 'pay', { cart, totalMinor, tenders }),
  storeCarts: () => ask<{ carts: readonly StoreCart[] }>('GET', 'carts').then(({ carts }) => carts),
  parkCart: (cart: string) => ask<CartAnswer>('POST', 'carts/park', { cart }),
  recallCart: (cart: string) => ask<CartAnswer>('POST', 'carts/recall', { cart }),
  /** A command of the domain without `by`, which is the session's. */
  command: (command: Readonly<Record<string, unknown>>) =>
    ask<CommandOutcome>('POST', 'commands', command),

  tiles: (asked: { department?: string | undefined; query?: string | undefined; limit: number }) =>
    ask<{ tiles: readonly TileRow[] }>(
      'GET',
      `tiles?${query({
        ...asked,
        query: asked.query === undefined ? undefined : searchable(asked.query),
        limit: String(asked.limit),
      })}`,
    ).then(({ tiles }) => tiles),
  stockCard: (sku: string, after: string | undefined, limit: number) =>
    ask<StockCard>(
      'GET',
      `stock/${encodeURIComponent(sku)}?${query({ after, limit: String(limit) })}`,
    ),
  documents: (limit: number, { amountMinor, ...filter }: DocumentsFilter = {}) =>
    ask<{ documents: readonly DocumentView[] }>(
      'GET',
      `documents?${query({
        ...filter,
        amountMinor: amountMinor === undefined ? undefined : String(amountMinor),
        limit: String(limit),
      })}`,
    ).then(({ documents }) => documents),
  /** `hash` says which one is meant where two documents have one number. */
  receipt: (number: string, hash?: string) =>
    ask<Receipt>('GET', `receipts/${encodeURIComponent(number)}?${query({ hash })}`),

  sessions: () => ask<SessionList>('GET', 'sessions'),
  endSessions: (which: { session: string } | { others: 'own' | 'all' }) =>
    ask<{ readonly outcome: 'done'; readonly ended: number } | Refused>(
      'POST',
      'sessions/end',
      which,
    ),
  lan: () => ask<{ readonly lan: LanView | null }>('GET', 'lan').then(({ lan }) => lan),
  /** Before a document is printed: says whether it is the receipt or which copy. */
  print: (of: ReceiptKey, command: string) => ask<Printed>('POST', 'prints', { of, command }),
  journal: (limit: number, filter: JournalFilter = {}) =>
    ask<JournalPage>('GET', `journal?${query({ ...filter, limit: String(limit) })}`),

  selfTest: () => ask<Tested>('GET', 'self-test').then(({ test }) => test),
  startSelfTest: () => ask<Tested>('POST', 'self-test', {}).then(({ test }) => test),

  progress: () => ask<StartProgress>('GET', 'progress'),
  mesh: () => ask<MeshView>('GET', 'mesh'),
  findingsSeen: (which: FindingsSeen) =>
    ask<{ readonly outcome: 'done'; readonly seen: number } | Refused>(
      'POST',
      'findings/seen',
      which,
    ),
  pardon: (terminal: string) => ask<MeshView>('POST', 'mesh/pardons', { terminal }),
  cut: (peer: string) => ask<MeshView>('POST', 'mesh/cut', { peer }),
  heal: (peer: string) => ask<MeshView>('POST', 'mesh/heal', { peer }),
};

/** The sentence of whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof TillFault ? error.message : texts.error.unexpected;

/**
 * An id that nobody else makes: 128 random bits. Not `randomUUID`, which browsers keep from pages that a tablet opens
 * over plain http on the shop network.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
