/**
 * From a browser's cookie to the operator who may act: a session that is open, of somebody whom the release in force
 * still knows. The screens are built into a second copy of these modules, so the gate is found through a global symbol.
 */
import type { IncomingMessage } from 'node:http';
import { TillmeshError } from '../domain/errors.ts';
import { may, permissionNames } from '../domain/operator.ts';
import { doorOf } from './door.ts';
import { tokenIn, type KeptSession, type SessionOrigin, type Sessions } from './sessions.ts';
import type { Allowed, OperatorName, SignInServices } from './till-services.ts';

/** What a screen may know about its own session. */
export type SessionView =
  | { readonly state: 'none' }
  | { readonly state: 'locked'; readonly operator: OperatorName }
  | {
      readonly state: 'open';
      readonly operator: OperatorName;
      readonly allowed: Allowed;
      /** Until it locks itself, if nobody touches the till. */
      readonly openForMs: number;
    };

/** A session as a list shows it. */
export type SessionRow = Omit<KeptSession, 'mark' | 'operator'> & {
  readonly operator: Pick<OperatorName, 'id' | 'name'>;
};

export class ScreenGate {
  readonly sessions: Sessions;
  readonly #people: Pick<SignInServices, 'operator' | 'personMark'>;

  constructor(sessions: Sessions, people: Pick<SignInServices, 'operator' | 'personMark'>) {
    this.sessions = sessions;
    this.#people = people;
  }

  /** Gives the token of a new session, after the PIN. */
  begin(operator: string, previous: string | undefined, origin?: SessionOrigin): string {
    return this.sessions.begin(operator, previous, this.#people.personMark?.(operator), origin);
  }

  /** Sessions that may still be used, `by`'s own or everybody's. */
  list(by: string): SessionRow[] {
    const asker = this.#people.operator(by);
    if (!asker) return [];
    return this.sessions.list().flatMap(({ mark, operator: id, ...session }) => {
      const operator = this.#people.operator(id);
      const isOver = !operator || mark !== this.#people.personMark?.(id);
      if (isOver || (id !== by && !may(asker, 'endSessions'))) return [];
      return [{ ...session, operator: { id, name: operator.name } }];
    });
  }

  /** Undefined where nobody is signed in, or the session is locked. */
  caller(token: string | undefined): OperatorName | undefined {
    const view = this.view(token);
    return view.state === 'open' ? view.operator : undefined;
  }

  /** The same from a request's cookie. */
  callerOf({ raw }: { readonly raw: IncomingMessage }): OperatorName | undefined {
    return this.caller(tokenIn(raw.headers.cookie, doorOf(raw)));
  }

  view(token: string | undefined): SessionView {
    const session = this.sessions.find(token);
    if (!session) return { state: 'none' };
    const operator = this.#people.operator(session.operator);
    // The id is another person's by now, or the PIN was changed because somebody knew it.
    const isAnother = session.mark !== this.#people.personMark?.(session.operator);
    if (!operator || isAnother) {
      this.sessions.end(token);
      return { state: 'none' };
    }
    if (session.state === 'locked') return { state: 'locked', operator };
    const allowed = Object.fromEntries(permissionNames.map((name) => [name, may(operator, name)]));
    return { state: 'open', operator, allowed, openForMs: this.sessions.openForMs(token) };
  }
}

const slot: unique symbol = Symbol.for('tillmesh.screens');
type Globals = { [slot]?: ScreenGate };

/** Makes the gate of the running register known to its pages. One per process. */
export function publishGate(gate: ScreenGate): void {
  (globalThis as Globals)[slot] = gate;
}

export function runningGate(): ScreenGate {
  const gate = (globalThis as Globals)[slot];
  if (!gate) throw new TillmeshError('INVARIANT', 'the screens run outside a register');
  return gate;
}
