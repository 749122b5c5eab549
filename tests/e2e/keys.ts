/** Goes through a page with Tab alone, and says what was not reached and where the focus could not be seen. */
import type { Page } from 'playwright-core';

export type Walk = {
  readonly reached: number;
  /** What can be pressed or typed into, and no key leads to. */
  readonly missed: readonly string[];
  /** What had the focus without showing it, or under something else. */
  readonly unseen: readonly string[];
};

type Step = { readonly index: number; readonly unseen?: string };
type Walked = {
  walk: { targets: Element[]; step(): Promise<Step>; nameOf(element: Element): string };
};

const most = 400;

export async function walkByTab(page: Page): Promise<Walk> {
  const count = await page.evaluate(prepare);
  const reached = new Set<number>();
  const unseen: string[] = [];
  let last = -1;
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press('Tab');
    const step = await page.evaluate(() => (window as unknown as Walked).walk.step());
    // Some fields have several stops: a date has its day, month and year.
    if (step.index !== -1 && step.index === last) continue;
    last = step.index;
    // Past the last one the browser has the focus, or begins anew.
    if (step.index === -1 || reached.has(step.index)) break;
    reached.add(step.index);
    if (step.unseen !== undefined) unseen.push(step.unseen);
  }
  const missed = await page.evaluate(
    (indexes) => {
      const { targets, nameOf } = (window as unknown as Walked).walk;
      return targets.filter((_, n) => !indexes.includes(n)).map(nameOf);
    },
    [...reached],
  );
  return { reached: Math.min(count, reached.size), missed, unseen };
}

/** In the page: finds everything that a pointer could use. Answers how many. */
function prepare(): number {
  /** Tab leads to the chosen one of a group, or to the first where none is; arrows lead to the others. */
  const isStopOfGroup = (element: HTMLElement): boolean => {
    if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return true;
    const selector = `input[type="radio"][name="${CSS.escape(element.name)}"]`;
    const group = [...document.querySelectorAll<HTMLInputElement>(selector)];
    return element === (group.find(({ checked }) => checked) ?? group[0]);
  };
  const usable = 'a[href], button, input, select, textarea, [tabindex="0"]';
  const targets = [...document.querySelectorAll(usable)].filter(
    (element) =>
      element instanceof HTMLElement &&
      element.tabIndex >= 0 &&
      !element.matches(':disabled') &&
      isStopOfGroup(element) &&
      element.closest('[inert]') === null &&
      element.checkVisibility({ visibilityProperty: true }),
  );
  const nameOf = (element: Element): string =>
    `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.trim()}`;
  const hasRing = (element: Element | null, depth: number): boolean => {
    if (!element || depth === 0) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    // A field's frame has the ring for it.
    if (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) return true;
    return hasRing(element.parentElement, depth - 1);
  };
  const isInSight = (element: Element): boolean => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return at !== null && (element.contains(at) || at.contains(element));
  };
  const step = async (): Promise<Step> => {
    // What only shows itself when it has the focus is on its way for a frame, or for as long as its transition takes.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const moving = document.activeElement?.getAnimations() ?? [];
    await Promise.allSettled(moving.map(({ finished }) => finished));
    const here = document.activeElement;
    const index = here === null ? -1 : targets.indexOf(here);
    if (here === null || index === -1) return { index: -1 };
    if (!hasRing(here, 3)) return { index, unseen: `no ring: ${nameOf(here)}` };
    return isInSight(here) ? { index } : { index, unseen: `covered: ${nameOf(here)}` };
  };
  (window as unknown as Walked).walk = { targets, step, nameOf };
  return targets.length;
}
