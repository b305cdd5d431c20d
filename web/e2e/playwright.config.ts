// Browser tests against the real program. DOCUVAULT_E2E_BINARY is the built `docuvault`; each run gets a fresh data folder.
// DOCUVAULT_E2E_STACK=scaled: against several of its processes (support/scaledStack.ts).
import { defineConfig } from '@playwright/test'
import { isScaled, origin } from './support/server'

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './support/startStack.ts',
  // One vault for all: its first account is made once, and tests tell their documents apart by their own words.
  workers: 1,
  fullyParallel: false,
  // Processes that are always being restarted take much of a small machine.
  timeout: isScaled ? 180_000 : 60_000,
  expect: { timeout: isScaled ? 30_000 : 15_000 },
  reporter: [['list']],
  projects: [
    { name: 'first account', testMatch: 'setUp.spec.ts' },
    { name: 'vault', testMatch: '*.spec.ts', testIgnore: 'setUp.spec.ts', dependencies: ['first account'] },
  ],
  use: {
    baseURL: origin,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
})
