/** One process that is started again when it ends by itself: as any service manager would, for shops that have none. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Exit, type Ready, type ReadyProcess, spawnProcess } from '../processes.ts';

export type KeptProcessOptions = {
  readonly name: string;
  /** Made anew for each start; `before` is what the first one said: it must be reached where it was. */
  readonly args: (before: Ready | undefined) => Promise<readonly string[]>;
  readonly say: (line: string) => void;
  readonly entry?: URL;
};

/** Waits between starts; after the last the process is left alone. A run of a minute counts as a good one. */
const waitsMs = [500, 1_000, 2_000, 5_000, 10_000];
const goodRunMs = 60_000;

export class KeptProcess {
  readonly #o: KeptProcessOptions;
  readonly #ending = new AbortController();
  #process: ReadyProcess | undefined;
  #starting: Promise<ReadyProcess> | undefined;
  #keeping: Promise<void> | undefined;
  #isDown = false;

  constructor(options: KeptProcessOptions) {
    this.#o = options;
  }

  /** It was given up after too many tries. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Starts it and keeps it. Throws PROCESS_FAILED when the first start fails; later ones are reported. */
  async start(): Promise<ReadyProcess> {
    const first = await this.#start(undefined);
    this.#keeping = this.#keep(first);
    return first;
  }

  /** Also in the middle of a start: then it is waited for, so that nothing is left behind. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#starting?.catch(() => undefined);
    await this.#process?.stop();
    await this.#keeping;
  }

  async #start(before: Ready | undefined): Promise<ReadyProcess> {
    const { name, entry } = this.#o;
    this.#starting = this.#o
      .args(before)
      .then((args) => spawnProcess(args, { name, ...(entry && { entry }) }));
    this.#process = await this.#starting;
    return this.#process;
  }

  async #keep(first: ReadyProcess): Promise<void> {
    const { name, say } = this.#o;
    let running: ReadyProcess | undefined = first;
    let failures = 0;
    while (running) {
      const begun = performance.now();
      const exit = await running.exited;
      if (this.#ending.signal.aborted) return;
      say(`${name} ended by itself (${howOf(exit)})${wordsOf(running.lastWords)}`);
      if (performance.now() - begun > goodRunMs) failures = 0;
      running = undefined;
      while (!running && failures < waitsMs.length) {
        try {
          await delay(waitsMs[failures++], undefined, { signal: this.#ending.signal });
          running = await this.#start(first.ready);
          say(`${name} runs again`);
        } catch (error) {
          if (this.#ending.signal.aborted) return;
          say(error instanceof Error ? error.message : String(error));
        }
      }
    }
    this.#isDown = true;
    say(`${name} is not started any more: mend the cause, then start all again`);
  }
}

const howOf = ({ code, signal }: Exit): string => signal ?? `code ${code}`;
const wordsOf = (words: string): string => (words === '' ? '' : `: ${words}`);
