import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// What is imported from packages, and whatever a test starts, is compiled once and not by each worker and child anew.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('node_modules/.cache/tillmesh/compiled', import.meta.url),
);

/** Whole shops within one process: no other processes, no browser, so that they may run side by side. */
const inOneProcess = [
  'tests/{architecture,authorisation,conformance,simulation}/**/*.test.ts',
  'tests/crash/steps.test.ts',
  'tests/hostile/{certificates,desks,frames,prototype-keys,replica-*,revocation}.test.ts',
];

/** The few that take longest first: begun last, one of them would keep all cores but its own waiting. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      /tests\/(?:simulation|crash|system\/(?:database-)?recovery|e2e\/accessible)/.test(moduleId);
    return (await super.sort(files)).toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

// `npm test` runs unit and system; `long` (many seeds, hundreds of kills, whole months) is `npm run test:long`.
export default defineConfig({
  test: {
    environment: 'node',
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine is no failure: what is waited for comes, or the test's own time ends.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['lib/**/*.test.ts', 'relay/**/*.test.ts', 'src/**/*.test.ts', ...inOneProcess],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // All cores: the default leaves one of them idle, which on a small machine is every second one.
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/long/**', ...inOneProcess, '**/node_modules/**'],
          // Ports and directories are each file's own. A shop is some five processes: more at once only wait.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
