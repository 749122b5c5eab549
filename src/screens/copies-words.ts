/** P10 in words: `on 3 tills · at HQ · archived`. Pure. */
import type { CopiesView } from '#lib/host/till-services.ts';
import { texts } from '../texts/english.ts';

export function copiesWords({ tills, atHq, archived }: CopiesView): string {
  const hq = atHq ? texts.copiesOf.atHq : texts.copiesOf.waiting;
  const parts = [texts.copiesOf.tills(tills), archived ? `${hq} · ${texts.copiesOf.archived}` : hq];
  return parts.join(' · ');
}
