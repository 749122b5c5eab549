/** What the journal is narrowed to, as the address says it: `?operator=ann&type=DrawerOpened`. Pure. */
import type { JournalFilter } from '#lib/host/till-services.ts';

export const journalPath = '/documents/journal';
export const journalFilterNames = ['operator', 'type', 'terminal', 'businessDay'] as const;

export function journalAddress(filter: JournalFilter): string {
  const asked = new URLSearchParams(
    journalFilterNames.flatMap((name): [string, string][] => {
      const value = filter[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ).toString();
  return `${journalPath}${asked === '' ? '' : `?${asked}`}`;
}
