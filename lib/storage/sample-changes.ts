/** Genuine Automerge changes for the tests of this folder: a genesis and a chain of entries after it. */
import * as A from '@automerge/automerge';

export type SampleSegment = {
  readonly genesis: Uint8Array;
  readonly changes: readonly Uint8Array[];
  /** Genesis and changes as one file. */
  readonly whole: Uint8Array;
};

type Doc = { entries: Uint8Array[] };

export function sampleSegment(count: number, entryBytes = 40): SampleSegment {
  let doc = A.change(A.init<Doc>({ actor: '00'.repeat(16) }), { time: 0 }, (draft) => {
    draft.entries = [];
  });
  const genesis = lastChange(doc);
  doc = A.clone(doc, { actor: '11'.repeat(16) });
  const changes: Uint8Array[] = [];
  for (let n = 1; n <= count; n++) {
    doc = A.change(doc, { time: 0 }, (draft) => {
      draft.entries.push(sampleEntry(n, entryBytes));
    });
    changes.push(lastChange(doc));
  }
  return { genesis, changes, whole: joined([genesis, ...changes]) };
}

export function sampleEntry(n: number, entryBytes: number): Uint8Array {
  return new TextEncoder().encode(`entry ${n} `.padEnd(entryBytes, 'abcdefghijk'));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function lastChange(doc: A.Doc<Doc>): Uint8Array {
  const change = A.getLastLocalChange(doc);
  if (change === undefined) throw new Error('no change was made');
  return change;
}
