/**
 * Printouts of documents: the first one at the till that recorded it is the receipt, every other one a copy, which is an
 * entry. What this process has recorded and not printed is known in memory alone: after a restart everything is a copy.
 */
import { TillmeshError } from '../domain/errors.ts';
import type { ReceiptKey } from '../domain/bodies.ts';
import type { ActBodies } from '../domain/acts.ts';
import { limits } from '../domain/limits.ts';
import type { CommandOutcome } from '../host/services.ts';
import type { Printed } from '../host/till-services.ts';
import type { Register } from './register.ts';

export class Printing {
  readonly #register: Register;
  readonly #execute: (command: unknown) => CommandOutcome;
  /** Oldest first. */
  readonly #unprinted = new Set<string>();

  constructor(register: Register, execute: (command: unknown) => CommandOutcome) {
    this.#register = register;
    this.#execute = execute;
  }

  recorded(document: ReceiptKey): void {
    this.#unprinted.add(keyOf(document));
    for (const oldest of this.#unprinted) {
      if (this.#unprinted.size <= limits.unprintedKept) break;
      this.#unprinted.delete(oldest);
    }
  }

  /** Whether the next printout is the receipt. */
  isFirst(document: ReceiptKey): boolean {
    return this.#unprinted.has(keyOf(document));
  }

  /** Says before anything is printed what will stand on it; the copy is an entry by then. */
  print(by: string, of: ReceiptKey, command: string): Printed {
    if (this.#unprinted.delete(keyOf(of))) return { outcome: 'done', copy: 0 };
    const done = this.#execute({ kind: 'ReprintReceipt', command, by, of });
    if (done.outcome === 'refused') return done;
    if (done.outcome === 'invalid')
      throw new TillmeshError('INPUT_INVALID', done.problems.join('; '));
    const body = this.#register.models.commandSeen(command)?.body;
    return { outcome: 'done', copy: (body as ActBodies['ReceiptReprinted']).copy };
  }
}

const keyOf = ({ journal, seq }: ReceiptKey): string => `${journal} ${seq}`;
