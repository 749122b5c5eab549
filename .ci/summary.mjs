/**
 * One line over the JSON reports of all test runners: `N passed, N failed, N skipped`.
 * A report that is missing or broken, a suite that could not be loaded and a run without tests count as failures.
 */
import { readFileSync } from 'node:fs';

const sum = { passed: 0, failed: 0, skipped: 0 };

for (const file of process.argv.slice(2)) {
  const { passed, failed, skipped } = countsOf(file);
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
}
if (sum.passed + sum.failed === 0) sum.failed += 1;
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exitCode = sum.failed === 0 ? 0 : 1;

function countsOf(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    process.stderr.write(`${file}: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that fails to load has no test that could fail.
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  for (const { name, message } of unloaded) process.stderr.write(`${name}: ${message}\n`);
  const other = report.success || report.numFailedTests + unloaded.length > 0 ? 0 : 1;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length + other,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
