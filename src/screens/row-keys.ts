/**
 * Arrow keys for a list whose rows are links, from anywhere on its page: the focus goes to the row, so that Enter opens it
 * and a screen reader says it. The links have `data-row`.
 */
import { isElsewhere, listKeyOf, rowAfter } from './list-keys.ts';

/** An attachment of the element that holds the list. */
export function rowKeys(list: HTMLElement): () => void {
  function onkeydown(event: KeyboardEvent): void {
    if (isElsewhere(event.target) || takesArrows(event.target)) return;
    const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')];
    const here = rows.findIndex((row) => row === document.activeElement);
    const row = rows[rowAfter(listKeyOf(event), rows.length, here) ?? -1];
    if (!row) return;
    event.preventDefault();
    row.focus({ preventScroll: true });
    (row.closest('tr, li') ?? row).scrollIntoView({ block: 'nearest' });
  }
  window.addEventListener('keydown', onkeydown);
  return () => window.removeEventListener('keydown', onkeydown);
}

const takesArrows = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, select, textarea');
