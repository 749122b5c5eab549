/** Arrow keys among buttons that stand in rows: to the next one, or to the nearest of the row above or below. Pure. */
export type Place = { readonly x: number; readonly y: number };

/** The index to go to from `at`; undefined where the key means nothing here. */
export function nextPlace(
  key: string,
  places: readonly Place[],
  at: number,
  isRightToLeft: boolean,
): number | undefined {
  const from = places[at];
  if (!from) return undefined;
  const forth = isRightToLeft ? 'ArrowLeft' : 'ArrowRight';
  const backward = isRightToLeft ? 'ArrowRight' : 'ArrowLeft';
  if (key === forth) return Math.min(at + 1, places.length - 1);
  if (key === backward) return Math.max(at - 1, 0);
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const sign = key === 'ArrowDown' ? 1 : -1;
  const beyond = places
    .map((place, n) => ({ n, rows: sign * (place.y - from.y), aside: Math.abs(place.x - from.x) }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => a.rows - b.rows || a.aside - b.aside);
  return beyond[0]?.n ?? at;
}

/** For the `onkeydown` of whatever holds the buttons. */
export function arrowFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  const places = buttons.map((button) => ({ x: button.offsetLeft, y: button.offsetTop }));
  const isRightToLeft = getComputedStyle(event.currentTarget).direction === 'rtl';
  const next = nextPlace(event.key, places, at, isRightToLeft);
  if (next === undefined) return;
  buttons[next]?.focus();
  // The cart's lines are marked by the same keys where no button has the focus.
  event.preventDefault();
}
