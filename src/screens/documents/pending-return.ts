/**
 * A return that was asked for and not answered yet, kept in the tab over a reload: asked again with the same command
 * id it is recorded once. Never holds more than what was sent to this till.
 */
export type PendingReturn = {
  readonly command: Readonly<Record<string, unknown>>;
  /** What was to be handed out, for the sentence about it. */
  readonly paidMinor: number;
  readonly tender: string;
};

export interface PendingKeeper {
  load(): PendingReturn | undefined;
  save(pending: PendingReturn): void;
  forget(): void;
}

/** One place for each receipt. In a browser that keeps nothing the return goes on; only a reload forgets it. */
export function tabKeeper(receipt: string, storage: () => Storage): PendingKeeper {
  const key = `tillmesh-return-${receipt}`;
  const within = <Value>(act: (kept: Storage) => Value): Value | undefined => {
    try {
      return act(storage());
    } catch {
      // Storage is switched off or full: see above.
      return undefined;
    }
  };
  return {
    load: () => within((kept) => readPending(kept.getItem(key))),
    save: (pending) => within((kept) => kept.setItem(key, JSON.stringify(pending))),
    forget: () => within((kept) => kept.removeItem(key)),
  };
}

function readPending(text: string | null): PendingReturn | undefined {
  const value: unknown = text === null ? undefined : JSON.parse(text);
  const isPending =
    typeof value === 'object' &&
    value !== null &&
    'command' in value &&
    typeof value.command === 'object' &&
    'paidMinor' in value &&
    Number.isSafeInteger(value.paidMinor) &&
    'tender' in value &&
    typeof value.tender === 'string';
  return isPending ? (value as PendingReturn) : undefined;
}
