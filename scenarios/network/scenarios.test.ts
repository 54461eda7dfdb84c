import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { filesIn } from "../../src/cli/corpus.ts";
import { describeScenarios } from "../../src/cli/scenario-testing.ts";
import { networkSuite } from "../../src/suites/network/suite.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const named = describeScenarios(networkSuite, here);

test.each(filesIn(here, /\.yaml$/).map((file) => basename(file, ".yaml")))("%s is shown to reach something", (name) => {
  expect(named(name).scenario.expect?.reached ?? []).not.toEqual([]);
});
