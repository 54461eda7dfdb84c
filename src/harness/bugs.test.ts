import { describe, expect, test } from "vitest";
import { applyEdits, type Edit, EditError, merge } from "./bugs.ts";

const SOURCE = `export function vote(term: number) {
  if (term < 1) {
    return false;
  }

  return true;
}
`;

function edited(...edits: readonly Omit<Edit, "file">[]): string {
  const [first, ...rest] = edits.map((edit) => ({ file: "vote.ts", ...edit }));
  return applyEdits({ id: "T1", edits: [first!, ...rest] }, "vote.ts", SOURCE);
}

describe("the edits of a seeded bug", () => {
  test("replace whole lines, whose indentation may be left out", () => {
    const find = "if (term < 1) {\n  return false;\n}\n";
    expect(edited({ find, replace: "if (term < 1) {\n  return true;\n}\n" })).toBe(
      SOURCE.replace("return false", "return true"),
    );
  });

  test("replace whole lines as they stand", () => {
    expect(edited({ find: "    return false;\n", replace: "    return true;\n" })).toBe(
      SOURCE.replace("return false", "return true"),
    );
  });

  test("replace a part of a line", () => {
    expect(edited({ find: "term < 1", replace: "term < 2" })).toBe(SOURCE.replace("term < 1", "term < 2"));
  });

  test("take lines away when nothing takes their place", () => {
    expect(edited({ find: "return true;\n", replace: "" })).toBe(SOURCE.replace("  return true;\n", ""));
  });

  test("span blank lines, whatever white space is on them", () => {
    expect(edited({ find: "}\n\nreturn true;\n", replace: "}\nreturn false;\n" })).toBe(
      SOURCE.replace("\n\n  return true;", "\n  return false;"),
    );
  });

  test("are made one after the other", () => {
    expect(edited({ find: "term < 1", replace: "term < 2" }, { find: "term < 2", replace: "term < 3" })).toContain(
      "term < 3",
    );
  });

  test("of other files are left out", () => {
    const bug = { id: "T1", edits: [{ file: "other.ts", find: "x", replace: "y" }] as const };
    expect(applyEdits(bug, "vote.ts", SOURCE)).toBe(SOURCE);
  });

  test("must find their text", () => {
    expect(() => edited({ find: "return maybe;\n", replace: "" })).toThrow(EditError);
    expect(() => edited({ find: "return maybe;\n", replace: "" })).toThrow("found it nowhere:\nreturn maybe;");
  });

  test("must find their text only once", () => {
    expect(() => edited({ find: "return", replace: "" })).toThrow("exactly once in vote.ts, found it 2 times");
  });
});

describe("merging a part into a scenario", () => {
  test("goes into objects and replaces all else", () => {
    const scenario = { system: { voters: 3, config: { preVote: true } }, faults: [{ kind: "crash" }] };
    expect(merge(scenario, { system: { config: { preVote: false } }, faults: [] })).toEqual({
      system: { voters: 3, config: { preVote: false } },
      faults: [],
    });
  });

  test("replaces an object of another kind as a whole", () => {
    expect(merge({ schedule: { kind: "pct", depth: 3 } }, { schedule: { kind: "timed" } })).toEqual({
      schedule: { kind: "timed" },
    });
    expect(merge({ schedule: { kind: "pct", depth: 3 } }, { schedule: { depth: 4 } })).toEqual({
      schedule: { kind: "pct", depth: 4 },
    });
  });

  test("changes neither argument", () => {
    const scenario = Object.freeze({ system: Object.freeze({ voters: 3 }) });
    expect(merge(scenario, Object.freeze({ system: Object.freeze({ spares: 1 }) }))).toEqual({
      system: { voters: 3, spares: 1 },
    });
  });
});
