/**
 * What a terminal's next closing counts: of each life all that is known here, less what the closings that are known here have
 * counted of it. So whatever came late is in the next closing, and what two counted that did not know of each other is
 * taken off in it again: over all closings each document counts once, in whatever order they are written and arrive.
 */
import type { Bodies } from '../domain/bodies.ts';
import type { DayOfLife } from '../domain/decision.ts';
import type { IncarnationId } from '../domain/ids.ts';
import type { DayTotal } from './totals.ts';

/** A life of the terminal as it is here. */
export type KnownLife = {
  readonly incarnation: IncarnationId;
  /** Of all its documents but closings. */
  readonly total: DayTotal;
  readonly lastSeq: number;
  /** All up to `lastSeq` is here. */
  readonly isWhole: boolean;
};

export type KnownClosing = {
  readonly by: IncarnationId;
  readonly seq: number;
  readonly body: Pick<Bodies['DayClosed'], 'documents' | 'totalMinor' | 'lives'>;
};

/**
 * The most that a closing says of one life, in documents and in minor units: nobody's false word can bring the sums of 64 lives
 * out of the safe integers. What is above it is left to the closing after.
 */
const mostPerLife = 2n ** 46n;

export class Closings {
  /** By life. */
  readonly #counted = new Map<string, { documents: bigint; totalMinor: bigint; upTo: number }>();

  constructor(closings: readonly KnownClosing[]) {
    for (const { by, seq, body } of closings) {
      const { lives = [] } = body;
      for (const life of lives) this.#add(life.incarnation, life, 1n, life.upTo ?? 0);
      // The closing's own figures are of all together.
      this.#add(by, body, 1n, seq);
      for (const life of lives) this.#add(by, life, -1n, seq);
    }
  }

  #add(life: string, { documents, totalMinor }: DayTotal, sign: bigint, upTo: number): void {
    const counted = this.#counted.get(life) ?? { documents: 0n, totalMinor: 0n, upTo: 0 };
    this.#counted.set(life, {
      documents: counted.documents + sign * BigInt(documents),
      totalMinor: counted.totalMinor + sign * BigInt(totalMinor),
      upTo: Math.max(counted.upTo, upTo),
    });
  }

  /** What is left of a life that this replica writes, or has whole. */
  restOf({ incarnation, total }: Pick<KnownLife, 'incarnation' | 'total'>): DayTotal {
    const { documents = 0n, totalMinor = 0n } = this.#counted.get(incarnation) ?? {};
    return {
      documents: within(BigInt(total.documents) - documents),
      totalMinor: within(BigInt(total.totalMinor) - totalMinor),
    };
  }

  /** The same of lives of others. One of which somebody has counted more than is here is left to the closing after. */
  restOfOthers(lives: readonly KnownLife[]): DayOfLife[] {
    return lives.flatMap((life) => {
      const { incarnation, lastSeq, isWhole } = life;
      if (!isWhole || (this.#counted.get(incarnation)?.upTo ?? 0) > lastSeq) return [];
      const { documents, totalMinor } = this.restOf(life);
      if (documents === 0 && totalMinor === 0) return [];
      return [{ incarnation, documents, totalMinor, upTo: lastSeq }];
    });
  }
}

const within = (figure: bigint): number =>
  Number(figure > mostPerLife ? mostPerLife : figure < -mostPerLife ? -mostPerLife : figure);
