/**
 * Which alarms this person has folded away, and which were read out: for the session of this window, so that neither comes
 * again with the next page. For the browser alone.
 */
type Kind = 'folded' | 'announced';

const keyOf = (kind: Kind, operator: string): string => `tillmesh.alarms.${kind}.${operator}`;

export function alarmsKept(kind: Kind, operator: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(kind, operator)) ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : []);
  } catch {
    // A browser that keeps nothing shows and says them once for every page.
    return new Set();
  }
}

export function keepAlarms(kind: Kind, operator: string, ids: Iterable<string>): void {
  try {
    sessionStorage.setItem(keyOf(kind, operator), JSON.stringify([...ids]));
  } catch {
    // As above.
  }
}
