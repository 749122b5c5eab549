/** What a check said, for tests that go through a table of what is refused. For tests alone. */
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';

/** The code of what `run` threw; an error that is none of the catalogue goes on. */
export function verdictOf(run: () => unknown): ErrorCode | 'accepted' {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}
