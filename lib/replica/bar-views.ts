/** Barred terminals as screens and the API show them. */
import { terminalNameOf } from '../domain/ids.ts';
import type { BarView } from '../host/services.ts';
import type { Replica } from './replica.ts';

/** The latest first. */
export const barViews = ({ barred }: Pick<Replica['mesh'], 'barred'>): readonly BarView[] =>
  barred
    .map(({ peer, code, atMs }) => ({ terminal: terminalNameOf(peer), code, atMs }))
    .toSorted((a, b) => b.atMs - a.atMs || (a.terminal < b.terminal ? -1 : 1));
