import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type HistoriesResult, HistoriesResultSchema } from "../harness/histories.ts";
import { check } from "../harness/schema.ts";
import { sizeOption } from "./options.ts";
import { inProcess, Reports, seatrial } from "./testing.ts";

const TESTDATA = fileURLToPath(new URL("../checkers/testdata/", import.meta.url));
/** More histories with known verdicts, beside the checkout where they are at hand. */
const COLLECTION = fileURLToPath(new URL("../../../shared/data/histories/", import.meta.url));

const reports = new Reports();
afterAll(() => reports.remove());

function written(name: string, ...lines: string[]): string {
  writeFileSync(reports.at(name), `${lines.join("\n")}\n`);
  return reports.at(name);
}

const checkHistory = (...args: string[]) => inProcess(["check-history", ...args], reports.path);

const WRITTEN_THEN_READ = ["0 :invoke :write 1", "0 :ok :write 1", "1 :invoke :read nil"];
const GOOD = written("good.log", ...WRITTEN_THEN_READ, "1 :ok :read 1");
const STALE = written("stale.log", ...WRITTEN_THEN_READ, "1 :ok :read nil");
const CUT = written("cut.log", ...WRITTEN_THEN_READ);

describe("verdicts", () => {
  test("a linearizable history", async () => {
    const { status, stdout, stderr } = await checkHistory(GOOD, "--model", "register");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^✓ .*good\.log: linearizable {2}2 operations, \d+\.\d ms\n$/);
  });

  test("one that is not, with the evidence", async () => {
    const { status, stdout } = await checkHistory(STALE, "--model", "register");
    expect(status).toBe(1);
    expect(stdout.split("\n").slice(1)).toEqual([
      "    1 of 2 calls can be put into an order that explains the answers:",
      "      lines 1 to 2  process 0  write(1)  then 1",
      "    One of these would have to come next, and none can:",
      "      lines 3 to 4  process 1  read() = nil  its answer does not fit the state 1",
      "",
    ]);
  });

  test("of a key, the key is named", async () => {
    const { status, stdout } = await checkHistory(`${TESTDATA}c01-bad.txt`, "--model", "kv");
    expect(status).toBe(1);
    expect(stdout).toContain('    key "7": 3 of 5 calls can be put into an order');
    expect(stdout).toContain('get(7) = "x 0 0 y"');
  });

  test("no call that can be the first", async () => {
    const file = written("first.log", "0 :invoke :read nil", "0 :ok :read 1");
    expect((await checkHistory(file, "--model", "register")).stdout).toContain(
      "    not one of 1 call can be the first.",
    );
  });

  test("a limit leaves it undecided", async () => {
    const { status, stdout } = await checkHistory(GOOD, STALE, "--model", "register", "--time-limit", "0.001ms");
    expect(status).toBe(3);
    expect(stdout).toMatch(/^\? .*good\.log: unknown: not decided within the time/);
  });

  test("a flawed file gets none, and comes before the verdicts of the others", async () => {
    const { status, stdout, stderr } = await checkHistory(CUT, GOOD, STALE, "nowhere.log", ".", "--model", "register");
    expect(status).toBe(2);
    expect(stderr).toBe(
      [
        `${CUT}:3: type: expected an answer to this call of process 1 before the end of the file: was it cut short? Where the outcome is not known, :info says so`,
        "nowhere.log: cannot be read: there is no such file",
        ".: cannot be read: it is a directory",
        "",
      ].join("\n"),
    );
    expect(
      stdout
        .split("\n")
        .filter((line) => /^\S/.test(line))
        .map((line) => line.replace(/ {2}.*/, "")),
    ).toEqual([
      `! ${CUT}: not checked: 1 flaw in the file`,
      `✓ ${GOOD}: linearizable`,
      `✗ ${STALE}: not linearizable`,
      "! nowhere.log: not checked: 1 flaw in the file",
      "! .: not checked: 1 flaw in the file",
    ]);
  });

  test("of many flaws, the first ten are shown", async () => {
    const { stderr } = await checkHistory(
      written("many.log", ...Array(25).fill("0 :ok :read 1")),
      "--model",
      "register",
    );
    expect(stderr.split("\n")).toHaveLength(12);
    expect(stderr).toMatch(/many\.log: and 15 more flaws\n$/);
  });
});

describe("--json", () => {
  const check01 = async () => {
    await checkHistory(STALE, CUT, "--model", "register", "--json", "out.json");
    return reports.json<HistoriesResult>("out.json");
  };

  test("has verdicts, evidence and flaws", async () => {
    const result = await check01();
    expect(result).toMatchObject({ format: 1, model: "register", files: { length: 2 } });
    expect(result.files[0]).toMatchObject({
      file: STALE,
      verdict: "notLinearizable",
      format: "jepsen-log",
      operations: 2,
      evidence: {
        partition: null,
        calls: 2,
        ordered: 1,
        last: [{ process: "0", operation: "write(1)", line: 1, answeredLine: 2, state: "1" }],
        stuck: [{ process: "1", operation: "read() = nil", line: 3, answeredLine: 4 }],
      },
      flaws: [],
    });
    expect(result.files[1]).toMatchObject({
      file: CUT,
      verdict: null,
      evidence: null,
      flaws: [{ line: 3, field: "type" }],
      flawsFound: 1,
    });
  });

  test("fits its schema", async () => {
    expect(check(HistoriesResultSchema, await check01()).kind).toBe("fits");
    expect((await inProcess(["schema", "histories"])).status).toBe(0);
  });

  test("that cannot be written is told before anything is checked", async () => {
    const { status, stdout, stderr } = await checkHistory(GOOD, "--model", "register", "--json", `${GOOD}/out.json`);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("--json");
    expect(stderr).toContain("cannot be written: part of its path is a file, not a directory");
  });
});

describe("usage", () => {
  test.each([
    [[GOOD], "--model is missing: expected what the histories are compared with, one of register, cas-register, kv"],
    [[GOOD], "operations found: read, write; they fit --model register or cas-register"],
    [[`${TESTDATA}c01-ok.txt`, GOOD], "no model knows all operations found: append, get, put, read, write"],
    [["nowhere.log"], "--model is missing"],
    [[GOOD, "--model", "queue"], "Allowed choices are register, cas-register, kv."],
    [["--model", "kv"], "missing required argument 'file'"],
    [[GOOD, "--model", "register", "--memory-limit", "some"], "Expected a size of at least 1MiB"],
  ])("%j", async (args, message) => {
    const { status, stderr } = await checkHistory(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("help teaches models, formats and answers", async () => {
    const { status, stdout } = await checkHistory("--help");
    expect(status).toBe(0);
    for (const text of [
      "cas [old new]",
      "JSON lines",
      ":invoke :write 3",
      "info  not known",
      "seatrial check-history etcd.log",
    ])
      expect(stdout).toContain(text);
  });

  test("sizes", () => {
    expect(["1MiB", "1.5GiB", "2G", "512mb", "1024K"].map(sizeOption)).toEqual([
      2 ** 20,
      1.5 * 2 ** 30,
      2 ** 31,
      2 ** 29,
      2 ** 20,
    ]);
  });
});

test("as a program of its own", async () => {
  const { status, stdout } = await seatrial(["check-history", `${TESTDATA}etcd_002.log`, "--model", "cas-register"]);
  expect([status, stdout.slice(0, 2)]).toEqual([0, "✓ "]);
});

describe("recorded histories have their known verdicts", () => {
  const verdictsOf = async (model: string, files: readonly string[]) => {
    await checkHistory(...files, "--model", model, "--json", "known.json");
    const { files: results } = reports.json<HistoriesResult>("known.json");
    return results.map(({ verdict, flaws }) => (flaws.length > 0 ? flaws : verdict));
  };
  const verdict = (linearizable: boolean) => (linearizable ? "linearizable" : "notLinearizable");

  test.each([
    ["cas-register", "etcd_000.log", false],
    ["cas-register", "etcd_002.log", true],
    ["kv", "c01-bad.txt", false],
    ["kv", "c01-ok.txt", true],
  ] as const)("%s: %s", async (model, file, linearizable) => {
    expect(await verdictsOf(model, [TESTDATA + file])).toEqual([verdict(linearizable)]);
  });

  // Left out where the collection is not beside the checkout.
  test.skipIf(!existsSync(`${COLLECTION}verdicts.json`)).each([
    ["jepsen-etcd", "cas-register"],
    ["kv", "kv"],
  ] as const)("the whole collection: %s", async (folder, model) => {
    const known = JSON.parse(readFileSync(`${COLLECTION}verdicts.json`, "utf8")) as Record<
      string,
      Record<string, boolean>
    >;
    const entries = Object.entries(known[folder]!);
    const files = entries.map(([name]) => `${COLLECTION}${folder}/${name}`);
    expect(await verdictsOf(model, files)).toEqual(entries.map(([, linearizable]) => verdict(linearizable)));
  });
});
