import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
          // Some work on disks, which a busy machine makes wait.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        // The built program, real servers, a real browser: one file at a time, they share two cores.
        test: {
          name: 'system',
          include: ['test/{e2e,browser,faults,peers}/**/*.test.ts'],
          globalSetup: 'test/support/build-in-ci.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Real servers and a browser share two cores with whatever else the machine does: one second chance, no third.
          retry: process.env['CI'] === 'true' ? 1 : 0,
        },
      },
    ],
  },
});
