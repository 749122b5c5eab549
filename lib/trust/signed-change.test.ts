import * as A from '@automerge/automerge';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { withMessage } from '../journal/change-message.ts';
import { newKeyPair, signerOf, verifierOf } from './keys.ts';
import { seededBytes } from './sample-company.ts';
import { readSignedChange, signChange } from './signed-change.ts';

const random = seededBytes('signed changes');
const mine = newKeyPair(random);
const theirs = newKeyPair(random);
const sign = signerOf(mine.privateKey);
const verify = verifierOf(mine.publicKey);

const change = (value: number, actor = 'ab'.repeat(16)): Uint8Array => {
  const doc = A.change(A.init<{ value: number }>({ actor }), { time: 0 }, (draft) => {
    draft.value = value;
  });
  return A.getLastLocalChange(doc) ?? new Uint8Array();
};
const codeOf = (run: () => unknown) => {
  try {
    run();
    return 'read';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
};

describe('signed changes', () => {
  const signed = signChange(change(1), 'org', sign, { who: 'me' });
  const { message } = A.decodeChange(signed);

  it('are changes like any other to Automerge, and tell what was said beside the signature', () => {
    expect(A.applyChanges(A.init<{ value: number }>(), [signed])[0].value).toBe(1);
    const read = readSignedChange(signed, 'org');
    expect(read.fields).toEqual({ who: 'me' });
    expect(read.isSignedBy(verify)).toBe(true);
    expect(read.isSignedBy(verifierOf(theirs.publicKey))).toBe(false);
  });

  it('hold for one document, one actor, these operations and these words', () => {
    const words = message ?? '';
    for (const [bytes, document] of [
      [signed, 'catalog/0'],
      [withMessage(change(2), words), 'org'],
      [withMessage(change(1, 'cd'.repeat(16)), words), 'org'],
      [withMessage(change(1), words.replace('"me"', '"you"')), 'org'],
    ] as const)
      expect(readSignedChange(bytes, document).isSignedBy(verify)).toBe(false);
  });

  it('a message that is none of ours is malformed', () => {
    for (const words of ['', 'x', '[]', 'null', '{"sig":7}', '{"sig":"x"}', '{ "sig":""}'])
      expect(codeOf(() => readSignedChange(withMessage(change(1), words), 'org'))).toBe(
        'ENTRY_MALFORMED',
      );
    expect(codeOf(() => signChange(signed, 'org', sign))).toBe('INVARIANT');
  });
});
