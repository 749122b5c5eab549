/** The text on a keypad as keys come in, and the figure that it stands for. Pure: no key is ever lost or doubled. */
import { parseScaled } from '#lib/domain/money.ts';

export type EntryShape = {
  /** Decimals that the figure can have: the currency's digits, 3 for quantities, 4 for unit prices. */
  readonly scale: number;
  /** Largest magnitude of the scaled figure. */
  readonly max: number;
};

export type KeypadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | 'back';

/** The text after a key; unchanged where the key makes no sense there. */
export function pressed(text: string, key: KeypadKey, shape: EntryShape): string {
  if (key === 'back') return text.slice(0, -1);
  if (key === '.') {
    if (shape.scale === 0 || text.includes('.')) return text;
    return text === '' ? '0.' : `${text}.`;
  }
  const next = text === '0' ? key : text + key;
  return valueOf(next, shape) === undefined ? text : next;
}

/** The key of a keyboard, if a keypad has it. */
export function keypadKeyOf(key: string): KeypadKey | undefined {
  if (/^[0-9]$/.test(key)) return key as KeypadKey;
  if (key === '.' || key === ',') return '.';
  return key === 'Backspace' ? 'back' : undefined;
}

/** The figure, scaled; undefined while nothing is typed, or for what is too large or has too many decimals. */
export function valueOf(text: string, { scale, max }: EntryShape): number | undefined {
  const parsed = parseScaled(text.replace(/\.$/, ''), { scale, max, negative: false });
  return parsed.ok ? parsed.value : undefined;
}
