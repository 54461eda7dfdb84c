import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,models,properties,scenarios}/**/*.test.ts"],
    testTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["models/**/*.ts", "src/**/*.ts", "properties/**/*.ts"],
      exclude: ["**/*.test.ts", "src/bench/**"],
      reporter: ["text-summary", "html", "lcov"],
      reportsDirectory: "reports/coverage",
    },
  },
});
