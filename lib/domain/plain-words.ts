/** What is wrong with a value, for people: in place of the words in which zod speaks to programmers. Never the value itself. */
import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** To be given to `safeParse` as `error`: a schema's own sentences have precedence, the rest is said here. */
export function plainWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kindOf(issue.expected)}`;
    case 'too_small':
      return `must be ${amount(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must be ${amount(issue.origin, 'at most', issue.maximum)}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.length === 1 ? 'a field' : 'fields'} that nobody knows here: ${names(issue.keys)}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${choice(issue.values)}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'is none of the forms that it may have';
    case 'invalid_key':
      return 'has a key that is not allowed';
    case 'invalid_format':
      return 'has not the expected form';
    default:
      // `custom` always brings its sentence.
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const kindOf = (expected: string): string => kinds[expected] ?? expected;

function amount(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `${bound} ${limit} characters long`;
  if (origin === 'array') return `a list of ${bound} ${limit}`;
  return `${bound} ${limit}`;
}

const shownMost = 8;

function names(keys: readonly string[]): string {
  const shown = keys.slice(0, shownMost).map((key) => JSON.stringify(key.slice(0, 40)));
  return shown.join(', ') + (keys.length > shownMost ? ', …' : '');
}

function choice(values: readonly unknown[]): string {
  const texts = values.map(String);
  return texts.length === 1 ? `${texts[0]}` : `one of ${texts.join(', ')}`;
}
