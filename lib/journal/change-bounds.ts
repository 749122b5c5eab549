/**
 * How many operations a change claims, read from its run lengths without expanding any: 64 bytes can say "a million
 * operations", and decoding them costs seconds and hundreds of megabytes (measured). Asked before every decode or apply.
 */
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** Column kinds: the low three bits of a column's specification. */
const kind = { delta: 3, boolean: 4, string: 5, raw: 7 } as const;
const columnsMost = 64;
const changeType = 1;
const headerBytes = 9;

/**
 * Throws CHANGE_NOT_CANONICAL where the bytes are not exactly one uncompressed change, OVER_LIMIT where it is too large
 * or claims too many operations. Other chunk types (documents, bundles, compressed changes) are refused: an honest peer
 * sends single changes to one that declares no capabilities.
 */
export function boundChange(bytes: Uint8Array): void {
  if (bytes.length > limits.changeBytes)
    throw new TillmeshError('OVER_LIMIT', `change of ${bytes.length} bytes`);
  const magic = bytes[0] === 0x85 && bytes[1] === 0x6f && bytes[2] === 0x4a && bytes[3] === 0x83;
  if (!magic || bytes[8] !== changeType)
    throw new TillmeshError('CHANGE_NOT_CANONICAL', 'not a single change');
  const reader = new Runs(bytes, headerBytes);
  const length = reader.unsigned();
  if (reader.at + length !== bytes.length)
    throw new TillmeshError('CHANGE_NOT_CANONICAL', 'length');
  const operations = countOperations(reader);
  if (operations > limits.changeOperations)
    throw new TillmeshError('OVER_LIMIT', `change of ${operations} operations`);
}

function countOperations(reader: Runs): number {
  reader.skip(32 * reader.unsigned());
  reader.skip(reader.unsigned());
  // seq, first operation, time, message
  reader.unsigned();
  reader.unsigned();
  reader.signed();
  reader.skip(reader.unsigned());
  for (let others = reader.unsigned(); others > 0; others--) reader.skip(reader.unsigned());
  const count = reader.unsigned();
  if (count > columnsMost) throw new TillmeshError('OVER_LIMIT', `${count} columns`);
  const columns = Array.from(
    { length: count },
    () => [reader.unsigned(), reader.unsigned()] as const,
  );
  let most = 0;
  for (const [specification, length] of columns)
    most = Math.max(most, reader.rows(specification & 7, length));
  return most;
}

class Runs {
  readonly bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }
  skip(length: number): void {
    this.at += length;
    if (this.at > this.bytes.length) throw new TillmeshError('CHANGE_NOT_CANONICAL', 'short');
  }
  unsigned(): number {
    return this.#leb(false);
  }
  signed(): number {
    return this.#leb(true);
  }
  #leb(isSigned: boolean): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.bytes[this.at];
      this.skip(1);
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return isSigned && byte & 64 ? value - scale * 128 : value;
    }
    throw new TillmeshError('CHANGE_NOT_CANONICAL', 'number');
  }
  /** Rows of one column; the reader stands at its end afterwards. */
  rows(columnKind: number, length: number): number {
    const end = this.at + length;
    if (end > this.bytes.length) throw new TillmeshError('CHANGE_NOT_CANONICAL', 'column');
    let rows = 0;
    if (columnKind === kind.boolean) while (this.at < end) rows += this.unsigned();
    else if (columnKind !== kind.raw) while (this.at < end) rows += this.#run(columnKind, end);
    this.at = end;
    return rows;
  }
  /** A positive length repeats one value, a negative one lists values, zero says how many nulls follow. */
  #run(columnKind: number, end: number): number {
    const length = this.signed();
    if (length === 0) return this.unsigned();
    if (length > 0) this.#value(columnKind);
    else for (let left = -length; left > 0 && this.at < end; left--) this.#value(columnKind);
    return Math.abs(length);
  }
  #value(columnKind: number): void {
    if (columnKind === kind.string) this.skip(this.unsigned());
    else if (columnKind === kind.delta) this.signed();
    else this.unsigned();
  }
}
