/** What a visitor reads when a page cannot be loaded from here: most often the till has stopped. */
import type { HandleClientError } from '@sveltejs/kit';
import { texts } from './texts/english.ts';

export const handleError: HandleClientError = ({ error, status }) => {
  // A browser throws a TypeError for an answer that never came, and says no more about it.
  if (status === 500 && error instanceof TypeError && /fetch|network|load/i.test(error.message)) {
    return { message: texts.faults.noAnswer };
  }
  console.error(error);
  return { message: texts.error.unexpected };
};
