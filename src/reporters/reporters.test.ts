import { describe, expect, test } from "vitest";
import { CampaignResultSchema } from "../harness/result.ts";
import { check } from "../harness/schema.ts";
import { renderCoverage } from "./coverage.ts";
import { count, counted, duration, short, table, wrapped } from "./format.ts";
import * as json from "./json.ts";
import * as junit from "./junit.ts";
import * as markdown from "./markdown.ts";
import { SAMPLE, SAMPLE_HOLDS, SAMPLE_SUITE } from "./sample.ts";
import * as text from "./text.ts";

// `vitest -u` writes the golden files anew; their diff is to be reviewed.
describe("a result, rendered", () => {
  test("as text", async () => {
    await expect(text.render(SAMPLE)).toMatchFileSnapshot("golden/violated.txt");
    await expect(text.render(SAMPLE_HOLDS)).toMatchFileSnapshot("golden/holds.txt");
  });

  test("as the table of rule by fault", async () => {
    await expect(renderCoverage(SAMPLE)).toMatchFileSnapshot("golden/coverage.txt");
  });

  test("as Markdown", async () => {
    await expect(markdown.render(SAMPLE)).toMatchFileSnapshot("golden/violated.md.txt");
    await expect(markdown.render(SAMPLE_HOLDS)).toMatchFileSnapshot("golden/holds.md.txt");
  });

  test("as JUnit XML", async () => {
    await expect(junit.render(SAMPLE)).toMatchFileSnapshot("golden/violated.xml.txt");
    await expect(junit.render(SAMPLE_HOLDS)).toMatchFileSnapshot("golden/holds.xml.txt");
  });

  test("as JSON that its schema accepts", () => {
    const parsed: unknown = JSON.parse(json.render(SAMPLE));
    expect(parsed).toEqual(SAMPLE);
    expect(check(CampaignResultSchema, parsed).kind).toBe("fits");
  });
});

test("of files alone there is no hash to tell, nor which situations they are not about", () => {
  const suites = [{ ...SAMPLE_SUITE, runs: 0, verdict: "holds" as const, violations: [], unknown: [] }];
  const result = { ...SAMPLE_HOLDS, suites };
  expect(text.render(result)).toContain("reached 1 of the 2 situations");
  expect(text.render(result)).toContain("See what happens in a file: npx seatrial replay FILE --trace");
  for (const rendered of [text.render(result), markdown.render(result)]) {
    expect(rendered).not.toMatch(/never reached:|Never reached,/);
    expect(rendered).not.toContain(result.hash);
  }
});

test("JUnit XML has no characters that XML forbids", () => {
  const [violation] = SAMPLE_SUITE.violations;
  const odd = { ...violation!, explanation: '\u0000 \u001b[31m \ud800 ]]> "quoted" é' };
  const xml = junit.render({ ...SAMPLE, suites: [{ ...SAMPLE_SUITE, violations: [odd] }] });
  expect(xml).toContain('message="\ufffd \ufffd[31m \ufffd ]]&gt; &quot;quoted&quot; é"');
});

test("colour goes where the paint puts it", () => {
  const paint = { ...text.PLAIN, bad: (part: string) => `<${part}>` };
  expect(text.render(SAMPLE, paint)).toContain("raft: <VIOLATED>");
});

test("numbers, durations and columns", () => {
  expect([0, 999, 1000, 1_234_567].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([counted(1, "run"), counted(2, "run"), counted(2, "property", "properties")]).toEqual([
    "1 run",
    "2 runs",
    "2 properties",
  ]);
  expect([0.25, 7, 999, 1500, 2.5e6, 3e9].map(short)).toEqual(["0.3", "7", "999", "1.5 k", "2.5 M", "3.0 G"]);
  expect([0.04, 9.96, 61, 125, 7300, 200_000].map(duration)).toEqual([
    "0.0 s",
    "10.0 s",
    "61 s",
    "2 min 5 s",
    "2.0 h",
    "2.3 days",
  ]);
  expect(
    table([
      ["a", "n"],
      ["bb", "1"],
      ["c", "22"],
    ]),
  ).toBe("a    n\nbb   1\nc   22");
  expect(wrapped("one two three", 8, "  ")).toBe("  one\n  two\n  three");
});
