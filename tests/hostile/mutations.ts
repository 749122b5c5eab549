/** Damage done to recorded frames: by bits, by bytes, by CBOR tokens and by fields. Seeded, so that a run repeats. */
import { cbor } from '@automerge/automerge-repo';

type Random = () => number;
type Mutation = (frame: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const below = (random: Random, most: number): number => Math.floor(random() * most);
const pick = <Value>(random: Random, from: readonly Value[]): Value => {
  if (from.length === 0) throw new Error('nothing to pick from');
  return from[below(random, from.length)] as Value;
};
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Heads of CBOR that mean trouble: tags, endless lengths, huge claims, breaks, records, shared values. */
const tokens = [
  [0xf6],
  [0xff],
  [0x9f],
  [0xbf],
  [0x5f],
  [0xc0],
  [0xd8, 0x1b],
  [0xd8, 0x1c],
  [0xd8, 0x1d],
  [0xd8, 0x69],
  [0xd9, 0xdf, 0xff],
  [0xd9, 0x01, 0x03],
  [0x9a, 0xff, 0xff, 0xff, 0xff],
  [0xba, 0x7f, 0xff, 0xff, 0xff],
  [0x5b, 0, 0, 0, 1, 0, 0, 0, 0],
  [0x7a, 0x00, 0xff, 0xff, 0xff],
  [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));

const values: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  2 ** 53,
  Number.NaN,
  '',
  'x'.repeat(2_000),
  '__proto__',
  'constructor',
  '../../etc/passwd',
  [],
  {},
  { toString: 'x' },
  new Uint8Array(0),
  new Uint8Array(64).fill(255),
];

const mutations: readonly Mutation[] = [
  function flipBits(frame, random) {
    const copy = frame.slice();
    for (let flips = 1 + below(random, 8); flips > 0; flips -= 1) {
      const at = below(random, copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
    }
    return copy;
  },
  function setBytes(frame, random) {
    const copy = frame.slice();
    for (let sets = 1 + below(random, 4); sets > 0; sets -= 1)
      copy[below(random, copy.length)] = below(random, 256);
    return copy;
  },
  function cutShort(frame, random) {
    return frame.slice(0, below(random, frame.length));
  },
  function growTail(frame, random) {
    return join(frame, noise(random, 1 + below(random, 64)));
  },
  function dropMiddle(frame, random) {
    const at = below(random, frame.length);
    return join(frame.slice(0, at), frame.slice(at + 1 + below(random, 16)));
  },
  function spliceTwo(frame, random, others) {
    const other = pick(random, others);
    return join(
      frame.slice(0, below(random, frame.length)),
      other.slice(below(random, other.length)),
    );
  },
  function plantToken(frame, random) {
    const at = below(random, frame.length);
    return join(frame.slice(0, at), pick(random, tokens), frame.slice(at));
  },
  function onlyNoise(_frame, random) {
    return noise(random, below(random, 200));
  },
  function nestDeep(frame, random) {
    const depth = 1 + below(random, 5_000);
    return join(new Uint8Array(depth).fill(pick(random, [0x81, 0xa1, 0xc1])), frame);
  },
  function replaceField(frame, random) {
    const fields = fieldsOf(frame);
    if (fields === undefined) return frame.slice(1);
    const key = pick(random, Object.keys(fields));
    return cbor.encode({ ...fields, [key]: pick(random, values) });
  },
  function renameField(frame, random) {
    const fields = fieldsOf(frame);
    if (fields === undefined) return frame.slice(1);
    const key = pick(random, Object.keys(fields));
    const { [key]: moved, ...rest } = fields;
    return cbor.encode({ ...rest, [pick(random, ['type', 'senderId', 'data', 'x'])]: moved });
  },
  function mutateData(frame, random, others) {
    const fields = fieldsOf(frame);
    const data = fields?.['data'];
    if (!(data instanceof Uint8Array) || data.length === 0) return frame.slice(1);
    const mutation = pick(random, mutations.slice(0, 5));
    return cbor.encode({ ...fields, data: mutation(data, random, others) });
  },
];

export const mutationNames: readonly string[] = mutations.map(({ name }) => name);

/** One mutated frame, and which mutation made it. */
export function mutate(
  recorded: readonly Uint8Array[],
  random: Random,
): { readonly name: string; readonly bytes: Uint8Array } {
  const mutation = pick(random, mutations);
  return { name: mutation.name, bytes: mutation(pick(random, recorded), random, recorded) };
}

const noise = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => below(random, 256));

function fieldsOf(frame: Uint8Array): Record<string, unknown> | undefined {
  const value: unknown = cbor.decode(frame);
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
