/** What axe says of a page that stands still. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** `rule at selector: what to do`, for each violation of any of axe's rules. */
export async function judgement(page: Page): Promise<string[]> {
  await standsStill(page);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: judge } = window as unknown as { axe: typeof axe };
    return (await judge.run(document, { resultTypes: ['violations'] })).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Until nothing moves any more: what is seen while it fades in has colours of its own. */
export const standsStill = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    // One that is taken away while it runs never finishes, and is done all the same.
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
