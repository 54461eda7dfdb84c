import { describe, expect, test } from "vitest";
import { type Edn, EdnReader, EdnSyntaxError, print } from "./edn.ts";

function readAll(text: string): Edn[] {
  const reader = new EdnReader(text);
  const forms: Edn[] = [];
  for (let form = reader.next(); form !== null; form = reader.next()) forms.push(form);
  return forms;
}

const printed = (text: string) => readAll(text).map((form) => print(form));

describe("EDN is read and printed", () => {
  test.each([
    ["nil true false", ["nil", "true", "false"]],
    ["0 -0 +7 42N -3 1.50 2e9 7M 12345678901234567890", "0 0 7 42 -3 1.50 2e9 7M 12345678901234567890".split(" ")],
    [":a :a/b a a/b - + <= *x*", [":a", ":a/b", "a", "a/b", "-", "+", "<=", "*x*"]],
    ['"" "a\\tb\\n\\"\\\\\\u00e9"', ['""', '"a\\tb\\n\\"\\\\é"']],
    ["\\a \\newline \\( [\\a]", ["\\a", "\\newline", "\\(", "[\\a]"]],
    ["[1 [2,3] (4)] #{1 2} {}", ["[1 [2 3] (4)]", "#{1 2}", "{}"]],
    ["{:a 1, :b nil}", ["{:a 1, :b nil}"]],
    ['#inst "2026-01-01" #a/b [1]', ['#inst "2026-01-01"', "#a/b [1]"]],
    ["1 #_2 #_ #_ 3 4 [#_5] ; 6\n7;", ["1", "[]", "7"]],
    ["1[2]3", ["1", "[2]", "3"]],
    ["##Inf", ["##Inf"]],
    [" ,\n;only a comment", []],
  ])("%j", (text, forms) => {
    expect(printed(text)).toEqual(forms);
  });

  test("each form knows its line, also over line feeds in strings", () => {
    const forms = readAll('1\n"a\nb" ; c\n{:x\n [2]} 3');
    expect(forms.map(({ line }) => line)).toEqual([1, 2, 4, 5]);
  });

  test("a form may be as deep as data gets, and not as deep as the stack", () => {
    expect(printed(`${"[".repeat(90)}${"]".repeat(90)}`)).toHaveLength(1);
    expect(() => readAll("[".repeat(100_000))).toThrow("at most 100 forms inside each other");
  });

  test("JSON prints the same values in its own way", () => {
    expect(print(readAll("[nil 1 true]")[0]!, "json")).toBe("[null,1,true]");
  });
});

describe("what is not EDN is refused, with its line", () => {
  test.each([
    ["\n{:a 1", 2, "expected a } that closes this map, not the end of the file"],
    ["{:a\n1]", 2, "expected a } that closes the map of line 1, not ]"],
    ["\n{:a}", 2, "expected a value for each key of this map, not 1 forms"],
    [")", 1, "expected a form, not ), which closes nothing"],
    ['1\n"abc', 2, 'expected a " that closes this string'],
    ['"\\q"', 1, "expected an escape of EDN"],
    ['"\\u12"', 1, "expected an escape of EDN"],
    ["1x", 1, 'expected a number, not "1x"'],
    ["010", 1, 'expected a number, not "010"'],
    [":", 1, 'expected a keyword such as :read, not ":"'],
    ["^a", 1, 'expected a form of EDN, not "^a"'],
    ["#", 1, "expected a tag, a set or #_ after #"],
    ['#"x"', 1, "expected a tag, a set or #_ after #"],
    ["#inst", 1, "expected a value after the tag #inst"],
    ["[#_]", 1, "expected a form after #_"],
    ["\\ ", 1, "expected a character after \\"],
  ])("%j", (text, line, message) => {
    let error: unknown = null;
    try {
      readAll(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(EdnSyntaxError);
    expect((error as EdnSyntaxError).message).toContain(message);
    expect((error as EdnSyntaxError).line).toBe(line);
  });
});
