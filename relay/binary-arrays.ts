/**
 * Columns of values in PostgreSQL's binary array format (`array_recv` of src/backend/utils/adt/arrayfuncs.c), as parameters
 * for `unnest`. Measured against the driver's text arrays: half the work on both sides, and no escaping to get wrong.
 */

export type ColumnType = 'text' | 'int4' | 'int8' | 'bytea';
export type ColumnValue = string | number | Uint8Array | null;

const elementOid: Readonly<Record<ColumnType, number>> = {
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
};
const headerBytes = 20;

/** One-dimensional, lower bound 1. Texts must hold no U+0000: PostgreSQL refuses it (see `storableText`). */
export function encodeArray(type: ColumnType, values: readonly ColumnValue[]): Buffer {
  let size = headerBytes;
  let nulls = 0;
  for (const value of values) {
    size += 4 + (value === null ? 0 : sizeOf(type, value));
    if (value === null) nulls = 1;
  }
  const buffer = Buffer.allocUnsafe(values.length === 0 ? 12 : size);
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(nulls, 4);
  buffer.writeInt32BE(elementOid[type], 8);
  if (values.length === 0) return buffer;
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = headerBytes;
  for (const value of values) at = write(buffer, at, type, value);
  return buffer;
}

function sizeOf(type: ColumnType, value: string | number | Uint8Array): number {
  if (type === 'int4') return 4;
  if (type === 'int8') return 8;
  return typeof value === 'string' ? Buffer.byteLength(value) : (value as Uint8Array).length;
}

function write(buffer: Buffer, at: number, type: ColumnType, value: ColumnValue): number {
  if (value === null) return buffer.writeInt32BE(-1, at);
  if (typeof value === 'number') {
    if (type === 'int4') return buffer.writeInt32BE(value, buffer.writeInt32BE(4, at));
    buffer.writeInt32BE(8, at);
    // Exact for safe integers, and four times faster than through BigInt.
    const high = Math.floor(value / 0x1_0000_0000);
    buffer.writeInt32BE(high, at + 4);
    return buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 8);
  }
  if (typeof value === 'string') {
    const bytes = buffer.write(value, at + 4);
    buffer.writeInt32BE(bytes, at);
    return at + 4 + bytes;
  }
  buffer.writeInt32BE(value.length, at);
  buffer.set(value, at + 4);
  return at + 4 + value.length;
}

/** U+0000 becomes its picture ␀: PostgreSQL's text cannot hold it, and the entry's own bytes are kept as they are. */
export const storableText = (text: string): string =>
  text.includes('\0') ? text.replaceAll('\0', '␀') : text;
