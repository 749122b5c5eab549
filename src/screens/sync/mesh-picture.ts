/** Where everybody stands in the picture of the mesh: head office above, this till in the middle, tills below. Pure. */
import type { PeerView } from '#lib/host/till-services.ts';

/** Pixels. The picture is as wide as its room and never scaled, so that its words stay readable on a phone. */
export const node = { width: 104, height: 52 };
const gap = 12;
const step = 100;
const margin = 8;

type Point = { readonly x: number; readonly y: number };
export type Placed = Point & {
  readonly peer: PeerView;
  /** Its line, from edge to edge: none passes through anybody else's box. */
  readonly from: Point;
  readonly to: Point;
};
export type MeshPicture = {
  readonly height: number;
  /** Centre of this till. */
  readonly self: Point;
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
  const self = { x: width / 2, y: selfY };
  const above = evenly(chosen(relays, perRow), width).map((x) => ({ x, y: top }));
  const below = placesOfTills(tills.length, perRow, width, selfY);
  const placed = [
    ...join(chosen(relays, above.length), above, self),
    ...join(chosen(tills, below.length), below, self),
  ];
  const lowest = Math.max(selfY, ...below.map(({ y }) => y));
  return {
    height: lowest + node.height / 2 + margin,
    self,
    peers: placed,
    notDrawn: peers.length - placed.length,
  };
}

/** Where not all fit, those that are missing are drawn first: they are what the picture is looked at for. */
function chosen(peers: readonly PeerView[], most: number): readonly PeerView[] {
  if (peers.length <= most) return peers;
  const missing = peers.filter(({ linked }) => !linked);
  const there = peers.filter(({ linked }) => linked);
  const drawn = new Set([...missing, ...there].slice(0, most));
  return peers.filter((peer) => drawn.has(peer));
}

const evenly = (row: readonly unknown[], width: number): number[] =>
  row.map((_, n) => (width * (2 * n + 1)) / (2 * row.length));

function placesOfTills(count: number, perRow: number, width: number, selfY: number): Point[] {
  const y = selfY + step;
  // A phone has two outside and two further down between them, so that their lines find a way through.
  if (count > perRow && perRow === 2) {
    const [outside, inside] = [width / 2 - margin - node.width / 2, (node.width + gap) / 2];
    const lower = y + 1.25 * step;
    return [
      { x: width / 2 - outside, y },
      { x: width / 2 + outside, y },
      { x: width / 2 - inside, y: lower },
      { x: width / 2 + inside, y: lower },
    ].slice(0, count);
  }
  return evenly(Array.from({ length: Math.min(count, perRow) }), width).map((x) => ({ x, y }));
}

function join(peers: readonly PeerView[], places: readonly Point[], self: Point): Placed[] {
  return places.flatMap(({ x, y }, n) => {
    const peer = peers[n];
    if (!peer) return [];
    const half = ((y > self.y ? 1 : -1) * node.height) / 2;
    return { peer, x, y, from: { x: self.x, y: self.y + half }, to: { x, y: y - half } };
  });
}
