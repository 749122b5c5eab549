/** The company of all simulated shops: a CA and enrolments, made once, the same in every run. */
import type { SeriesLetter } from '#lib/domain/ids.ts';
import type { StoredBinding } from '#lib/trust/identity-files.ts';
import type { IdentityStore } from '#lib/trust/identity-store.ts';
import { SampleCompany, type SampleTerminal } from '#lib/trust/sample-company.ts';

/** So often a terminal can be enrolled in one run. */
const enrolments = 3;
export const terminals = ['T1', 'T2', 'T3', 'T4', 'T5'] as const;
export type TerminalName = (typeof terminals)[number] | 'HQ1';

export class Company {
  readonly #company: SampleCompany;
  readonly #issued: ReadonlyMap<string, readonly SampleTerminal[]>;

  private constructor(
    company: SampleCompany,
    issued: ReadonlyMap<string, readonly SampleTerminal[]>,
  ) {
    this.#company = company;
    this.#issued = issued;
  }

  static async create(): Promise<Company> {
    const company = await SampleCompany.create('simulation');
    const issued = new Map<string, SampleTerminal[]>();
    for (const terminal of [...terminals, 'HQ1'])
      for (let time = 0; time < enrolments; time++) {
        const made = await company.terminal(terminal === 'HQ1' ? 'HQ' : 'S01', terminal);
        issued.set(terminal, [...(issued.get(terminal) ?? []), made]);
      }
    // Loads what the first incarnation would load by import.
    await company.incarnation('S01', 'T9');
    return new Company(company, issued);
  }

  /** The `time`-th enrolment (from 0) of a terminal, written as the enrolment client writes it. */
  enrol(
    identity: IdentityStore,
    terminal: TerminalName,
    time: number,
    binding?: StoredBinding,
  ): void {
    const made = this.#issued.get(terminal)?.[time];
    if (!made) throw new Error(`${terminal} cannot be enrolled ${time + 1} times`);
    identity.saveEnrolled(
      {
        company: 'acme',
        store: made.store,
        terminal: made.terminal,
        letter: String.fromCharCode(65 + time) as SeriesLetter,
        caDer: this.#company.caDer,
        terminalDer: made.certificateDer,
        issuers: made.issuers,
        relays: [],
      },
      made.key,
      binding,
    );
  }

  canEnrol(terminal: TerminalName, time: number): boolean {
    return this.#issued.get(terminal)?.[time] !== undefined;
  }
}

let made: Promise<Company> | undefined;
export const company = (): Promise<Company> => (made ??= Company.create());
