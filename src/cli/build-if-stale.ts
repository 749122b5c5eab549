/** Run by `npm start` before the demo: a fresh clone has no build yet. */
import { buildPagesIfStale } from './build-pages.ts';
import { reportFailure } from './report.ts';

try {
  await buildPagesIfStale();
} catch (error) {
  process.exitCode = reportFailure(error, { json: false, debug: false });
}
