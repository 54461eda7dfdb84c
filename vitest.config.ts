import { defineConfig } from "vitest/config";

/** Tests that put something in the place of a module: what another file has loaded of it must not be there. */
const ALONE = ["src/cli/bugs.test.ts"];
const TESTS = "{src,models,properties,scenarios}/**/*.test.ts";

export default defineConfig({
  test: {
    testTimeout: 60_000,
    projects: [
      // Files share the modules that they load: nothing has state of its own, and loading takes longer than most tests.
      { extends: true, test: { name: "all", include: [TESTS], exclude: ALONE, isolate: false } },
      { extends: true, test: { name: "alone", include: ALONE } },
    ],
    coverage: {
      provider: "v8",
      include: ["models/**/*.ts", "src/**/*.ts", "properties/**/*.ts"],
      exclude: ["**/*.test.ts", "src/bench/**"],
      reporter: ["text-summary", "html", "lcov"],
      reportsDirectory: "reports/coverage",
    },
  },
});
