/** The keys of every page that is a list: what a key means there. Pure. */
export type ListKey = 'next' | 'previous' | 'first' | 'last' | 'open' | 'back' | 'type';

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented'>;

/** `type`: the letter belongs into the field, wherever the focus is. Undefined: not ours. */
export function listKeyOf(event: Pressed): ListKey | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  switch (event.key) {
    case 'ArrowDown':
      return 'next';
    case 'ArrowUp':
      return 'previous';
    case 'Home':
      return 'first';
    case 'End':
      return 'last';
    case 'Enter':
      return 'open';
    case 'Escape':
      return 'back';
    default:
      // `?` shows the keys, and a space presses what has the focus or scrolls.
      return event.key.length === 1 && event.key !== '?' && event.key !== ' ' ? 'type' : undefined;
  }
}

/** The row after a step, within the list; a step into the list from nowhere marks its nearest end. */
export function steppedIn(rows: number, marked: number, step: 1 | -1): number {
  if (rows === 0) return -1;
  if (marked < 0) return step === 1 ? 0 : rows - 1;
  return Math.min(rows - 1, Math.max(0, marked + step));
}

/** The row that a key leads to from the marked one, -1 for none; undefined where it leads to no row. */
export function rowAfter(
  meaning: ListKey | undefined,
  rows: number,
  marked: number,
): number | undefined {
  if (rows === 0) return undefined;
  if (meaning === 'next') return steppedIn(rows, marked, 1);
  if (meaning === 'previous') return steppedIn(rows, marked, -1);
  if (meaning === 'first') return 0;
  return meaning === 'last' ? rows - 1 : undefined;
}

/** A dialog or a menu has the keys while it is open. */
export const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') !== null;

/** Whatever takes Enter for itself: a link or button that was reached by keyboard. */
export const takesEnter = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('button:focus-visible, a:focus-visible, select:focus-visible');
