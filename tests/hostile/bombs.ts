/** Small bytes that become large ones. */
import { createHash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { concatBytes } from '#lib/journal/bytes.ts';
import { frameChange, unsigned } from '#lib/journal/canonical-change.ts';

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 64) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** A change of some 60 bytes that says so many operations: run lengths in every column. */
export function bomb(operations: number): Uint8Array {
  const many = signed(operations);
  const columns: readonly (readonly [number, readonly number[]])[] = [
    [0x15, [...many, 1, 97]],
    [0x34, unsigned(operations)],
    [0x42, [...many, 0]],
    [0x56, [...many, 0]],
    [0x70, [...many, 0]],
  ];
  const body = Uint8Array.from([
    ...[0, 16, ...new Array<number>(16).fill(7), 1, 1, 0, 0, 0, columns.length],
    ...columns.flatMap(([specification, data]) => [specification, data.length]),
    ...columns.flatMap(([, data]) => data),
  ]);
  return frameChange(body, { actor: '', actorSeq: 1, op: 1 }).bytes;
}

/** The same change as Automerge's chunk type 2. */
export function compressed(change: Uint8Array): Uint8Array {
  const headerBytes = 9;
  let at = headerBytes;
  while ((change[at] ?? 0) >= 128) at++;
  const body = deflateRawSync(change.subarray(at + 1));
  return concatBytes([
    change.subarray(0, 8),
    Uint8Array.from([2, ...unsigned(body.length)]),
    new Uint8Array(body),
  ]);
}

/** A document of 300 KB whose one text expands a thousandfold: a compressed column of zeros. */
export function inflating(): Uint8Array {
  // One megabyte of zeros, three hundred times over: to compress them all would take seconds.
  const zeros = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
  const end = deflateRawSync(Buffer.alloc(0));
  const column = Buffer.concat([...Array.from({ length: 300 }, () => zeros), end]);
  const body = concatBytes([
    Uint8Array.from([0, 0, 1, 0x5f, ...unsigned(column.length), 0]),
    column,
  ]);
  const tail = concatBytes([Uint8Array.from([0, ...unsigned(body.length)]), body]);
  const sum = createHash('sha256').update(tail).digest().subarray(0, 4);
  return concatBytes([Uint8Array.of(0x85, 0x6f, 0x4a, 0x83), sum, tail]);
}
