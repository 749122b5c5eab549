/** Days as ISO text (`2026-03-01`), moved by whole days; no clock and no time zone in it. */
export function addDays(isoDay: string, days: number): string {
  const start = Date.parse(`${isoDay}T00:00:00Z`);
  return new Date(start + days * 86_400_000).toISOString().slice(0, 10);
}
