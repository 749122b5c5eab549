/** Where everybody stands in the picture of the mesh: head office above, this till in the middle, tills below. Pure. */
import type { PeerView } from '#lib/host/till-services.ts';

/** Pixels. The picture is as wide as its room and never scaled, so that its words stay readable on a phone. */
export const node = { width: 104, height: 52 };
const gap = 12;
const step = 100;
const margin = 8;
const rowsOfTills = 2;

export type Placed = { readonly peer: PeerView; readonly x: number; readonly y: number };
export type MeshPicture = {
  readonly height: number;
  /** Centre of this till. */
  readonly self: { readonly x: number; readonly y: number };
  readonly peers: readonly Placed[];
  /** For whom there was no room: they are in the table only. */
  readonly notDrawn: number;
};

export function meshPicture(peers: readonly PeerView[], width: number): MeshPicture {
  const perRow = Math.max(1, Math.floor((width - 2 * margin + gap) / (node.width + gap)));
  const relays = peers.filter(({ isRelay }) => isRelay);
  const tills = peers.filter(({ isRelay }) => !isRelay);
  const top = margin + node.height / 2;
  const selfY = relays.length > 0 ? top + step : top;
  const rows = rowsOf(tills, perRow).slice(0, rowsOfTills);
  const placed = [
    ...placeRow(relays.slice(0, perRow), width, top),
    ...rows.flatMap((row, n) => placeRow(row, width, selfY + (n + 1) * step)),
  ];
  return {
    height: selfY + rows.length * step + node.height / 2 + margin,
    self: { x: width / 2, y: selfY },
    peers: placed,
    notDrawn: peers.length - placed.length,
  };
}

/** As even as they can be, so that no row holds a single one beside full ones. */
function rowsOf(tills: readonly PeerView[], perRow: number): PeerView[][] {
  const rows = Math.ceil(tills.length / perRow);
  const each = rows > rowsOfTills ? perRow : Math.ceil(tills.length / Math.max(1, rows));
  return Array.from({ length: rows }, (_, n) => tills.slice(n * each, (n + 1) * each));
}

const placeRow = (row: readonly PeerView[], width: number, y: number): Placed[] =>
  row.map((peer, n) => ({ peer, x: (width * (2 * n + 1)) / (2 * row.length), y }));
