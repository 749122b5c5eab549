/**
 * Which receipts this browser has printed: the first printout at the till that recorded a sale is its receipt, every
 * other one a copy. Kept in the browser alone; where it keeps nothing, each printout is a copy.
 */
const key = 'tillmesh-printed';
/** A few days of printing. Older ones are forgotten, and nobody prints those for the first time. */
const mostKept = 2_000;

export interface PrintLog {
  /** Whether what is printed next is the first of this document. */
  isFirst(document: string): boolean;
  note(document: string): void;
}

export function printLog(storage: () => Storage): PrintLog {
  const read = (): readonly string[] | undefined => {
    try {
      const kept: unknown = JSON.parse(storage().getItem(key) ?? '[]');
      return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
    } catch {
      // Switched off, or not ours: see above.
      return undefined;
    }
  };
  return {
    isFirst: (document) => read()?.includes(document) === false,
    note(document) {
      const kept = (read() ?? []).filter((one) => one !== document);
      try {
        storage().setItem(key, JSON.stringify([...kept, document].slice(-mostKept)));
      } catch {
        // As above: the next one is a copy all the same, because nothing can be read either.
      }
    },
  };
}
