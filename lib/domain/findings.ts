/**
 * What a till finds wrong with its own directory: each kind with its code and a sentence for people. A finding is no
 * refusal and no fault: the till goes on selling, says it until a person has looked, and mends nothing in silence.
 */
export const findingCodes = {
  FILE_EDITED: 'A file is not as this till left it when it was stopped.',
  FILE_GONE: 'A file that this till left when it was stopped is gone.',
  FILE_STRANGE: 'A file lies here that this till did not leave when it was stopped.',
  SEAL_GONE: 'The list of what this till left when it was stopped is gone.',
  SEAL_FALSE: 'The list of what this till left when it was stopped was not made by it.',
  DIRECTORY_SET_BACK: 'The data directory is an older one than the last that was used here.',
  MODE_OPEN:
    'Others on this machine could read or write it; a start of the till closes it to them.',
  WITNESS_GONE:
    'The note outside the data directory of how far this till came is gone or was edited: a restored backup would not be noticed by it.',
  IDENTITY_DAMAGED: 'A file that says who this till is cannot be used.',
  IDENTITY_FOREIGN: 'The key of another terminal lies in place of this till’s own.',
  JOURNAL_DAMAGED:
    'A part of a journal is not what its writer signed: it was set aside, and comes back from other tills.',
  JOURNAL_CUT: 'Entries of a journal that were here are gone: they come back from other tills.',
  JOURNAL_REWRITTEN:
    'Another journal had seen another entry in this place: whoever has the key of this one wrote it anew.',
  LIFE_RESTORED:
    'This till had used numbers that its journal does not know any more: it began a new series.',
  LIFE_COPIED: 'The data directory is a copy, or was moved: this till began a new series.',
  LIFE_FORKED: 'Another device wrote on in the name of this till: it began a new series.',
  DOCUMENT_DAMAGED: 'A part of a document was damaged and set aside; it comes back from peers.',
  HQ_DATA_EDITED:
    'A document of head office does not hold what was signed: what is false does not count.',
  RECORD_FALSE: 'A signed record is not what its writer signed: it does not count.',
  REVOCATION_GONE: 'A revocation that was known here is gone: it comes back from peers.',
  READ_MODELS_EDITED:
    'Stock, sales and totals said something else than the journals: they were made anew from these.',
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof findingCodes;

export const isFindingCode = (code: string): code is FindingCode =>
  Object.hasOwn(findingCodes, code);

/** What was found, and where. */
export type Finding = {
  readonly code: FindingCode;
  /** A path within the data directory, or the name of a document. */
  readonly where: string;
  /** The first entry concerned, where one is. */
  readonly seq?: number;
  /** What differs, in words. */
  readonly what?: string;
};

/** Which one of a till's findings is meant; `code` may be a later version's. */
export type FindingName = Pick<Finding, 'where' | 'seq'> & { readonly code: string };

/** The same thing in the same place is one finding. */
export const findingKey = ({ code, where, seq }: FindingName): string =>
  `${code} ${seq ?? ''} ${where}`;

/** Open until a person has looked at it. */
export type OpenFinding = Finding & { readonly sinceMs: number };
