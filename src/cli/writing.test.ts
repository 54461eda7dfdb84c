import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UsageError } from "./exit.ts";
import { Reports } from "./testing.ts";
import { makeDirectory, mustBeWritable, writeWhole } from "./writing.ts";

let folder: Reports;

beforeEach(() => {
  folder = new Reports();
});

afterEach(() => folder.remove());

test("a file is written with the directories above it, and leaves nothing else behind", () => {
  mustBeWritable({ "--json": folder.at("a", "b", "out.json"), "--junit": undefined });
  writeWhole(folder.at("a", "b", "out.json"), "one");
  writeWhole(folder.at("a", "b", "out.json"), "two");
  expect(readFileSync(folder.at("a", "b", "out.json"), "utf8")).toBe("two");
  expect(readdirSync(folder.at("a", "b"))).toEqual(["out.json"]);
});

test("what is no file is written to, and stays what it is", () => {
  mustBeWritable({ "--json": "/dev/null" });
  writeWhole("/dev/null", "gone");
  expect(readFileSync("/dev/null", "utf8")).toBe("");
});

test("each option whose file cannot be written is told, with the reason", () => {
  writeFileSync(folder.at("file"), "");
  const outputs = { "--json": folder.at("file", "out"), "--junit": folder.path, "--markdown": "/proc/nowhere/out" };
  const lines = [
    `--json ${folder.at("file", "out")}: cannot be written: part of its path is a file, not a directory`,
    `--junit ${folder.path}: cannot be written: it is a directory`,
    "--markdown /proc/nowhere/out: cannot be written: no directory can be made in /proc",
  ];
  expect(() => mustBeWritable(outputs)).toThrow(new UsageError(...lines));
});

test("a directory that another has made meanwhile is there", () => {
  makeDirectory(folder.at("a", "b"));
  expect(() => makeDirectory(folder.at("a", "b"))).not.toThrow();
});
