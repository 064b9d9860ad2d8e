import { defineConfig } from 'vitest/config';

/** Tests of the built package; `dist/` is built before they run, when it is older than its sources. */
const BUILT = ['test/built/**/*.test.ts'];

export default defineConfig({
  test: {
    environment: 'node',
    // Most tests wait for sockets and processes; the default leaves one core idle, half of a small machine.
    maxWorkers: '100%',
    // What never comes ends by these alone, so they are no measure of anything: the longest test takes a third of it.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    // A forgotten it.only would leave the rest of its file out unseen. While working: --allowOnly, or -t.
    allowOnly: false,
    expect: { requireAssertions: true, poll: { timeout: 60_000 } },
    projects: [
      { extends: true, test: { name: 'source', include: ['test/**/*.test.ts'], exclude: BUILT } },
      { extends: true, test: { name: 'built', include: BUILT, globalSetup: ['test/built/build-dist.ts'] } },
    ],
  },
});
