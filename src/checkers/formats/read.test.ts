import { describe, expect, test } from "vitest";
import { MODELS, type ModelName, type ModelOperations, modelsWith } from "./operations.ts";
import { operationNames, readHistory } from "./read.ts";

const read = (text: string | Uint8Array, model: ModelName = "cas-register") =>
  readHistory(
    typeof text === "string" ? new TextEncoder().encode(text) : text,
    MODELS[model] as ModelOperations<unknown, unknown>,
  );

/** Calls in short: process, operation, the lines of invocation and answer. */
function callsOf(text: string, model: ModelName = "cas-register"): string[] {
  const history = read(text, model);
  if (history.kind === "flawed") throw new Error(JSON.stringify(history.flaws));
  const { lines, calls } = history;
  return calls.map(
    ({ process, op, invokedAt, returnedAt }) =>
      `${process} ${MODELS[model].model.describe(op as never)} ${lines[invokedAt]}-${lines[returnedAt] ?? "?"}`,
  );
}

/** Flaws as the command line shows them, without the file. */
function flawsOf(text: string | Uint8Array, model: ModelName = "cas-register"): string[] {
  const history = read(text, model);
  return history.kind === "read"
    ? []
    : history.flaws.map(({ line, field, message }) => `${line ?? ""}:${field === null ? "" : ` ${field}:`} ${message}`);
}

const LOG = `INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:invoke\t:write\t4
INFO  jepsen.util - :nemesis\t:info\t:start\t"Cut off {:n1 #{:n2}}
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 0\t:invoke\t:cas\t[4 0]
INFO  jepsen.util - 1\t:info\t:write\t:timed-out
INFO  jepsen.util - 0\t:fail\t:cas\t[4 0]
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:ok\t:read\t4
`;
const LOG_CALLS = ["0 read() = nil 1-4", "1 write(4) 2-?", "0 cas(4, 0) = failed 5-7", "2 read() = 4 8-9"];

describe("histories are read, whatever their format", () => {
  test("lines of a Jepsen log", () => {
    expect(callsOf(LOG)).toEqual(LOG_CALLS);
    expect(read(LOG)).toMatchObject({ format: "jepsen-log", operations: 4, failed: 1, unanswered: 1 });
  });

  test.each([
    ["without what a logger puts before", (line: string) => line.replace("INFO  jepsen.util - ", "")],
    [
      "of later loggers",
      (line: string) => line.replace("INFO ", "2026-01-02 15:04:05,678{GMT}\tINFO\t[worker 0]").replace(" -", ":"),
    ],
    ["with a carriage return", (line: string) => `${line}\r`],
    ["with spaces and empty lines", (line: string) => line.replaceAll("\t", "   ")],
  ])("lines of a Jepsen log %s", (_what, change) => {
    expect(callsOf(LOG.replace(/.+/g, change))).toEqual(LOG_CALLS);
  });

  test("EDN as Jepsen writes it", () => {
    const text = `; a test
{:type :invoke, :f :read, :value nil, :process 0, :time 12, :index 0}
{:type :info :f :start :process :nemesis :value #object[x]} {:type :ok,
 :f :read, :value 3 :process 0, :time #inst "2026"} #_{:left out}
#jepsen.history.Op{:type :invoke, :f :cas, :value [1 3], :process 1}
{:type :info, :f :cas, :value [1 3], :process 1, :error :timeout}
`;
    const calls = ["0 read() = 3 2-3", "1 cas(1, 3) = ? 5-?"];
    expect(callsOf(text)).toEqual(calls);
    expect(callsOf(`[${text}]`)).toEqual(calls);
    expect(callsOf(`(\n${text})`)).toEqual(["0 read() = 3 3-4", "1 cas(1, 3) = ? 6-?"]);
  });

  test.each([
    ["EDN", (i: number, type: string) => `{:process 0, :type :${type}, :f :read, :value nil, :index ${i}}`],
    ["JSON lines", (i: number, type: string) => `{"process":0,"type":"${type}","f":"read","value":null,"index":${i}}`],
  ])("indexes of %s have to increase", (_what, line) => {
    const once = `${line(0, "invoke")}\n${line(1, "ok")}\n`;
    expect(flawsOf(once)).toEqual([]);
    expect(flawsOf(once + once)).toEqual([
      "3: index: expected more than 1, as on line 2, not 0: lines have to be in the order in which things happened",
    ]);
    expect(flawsOf(`${line(-1, "invoke")}\n${line(-1, "ok")}\n`)).toEqual([]);
  });

  test("JSON lines, with what may be left out left out", () => {
    const text = `{"process":"c1","type":"invoke","f":"put","key":"a","value":"1"}
{"process":"c2","type":"invoke","f":"get","key":"a","value":null,"time":1}
{"process":"c1","type":"ok","f":"put"}

{"process":"c2","type":"ok","f":"get","value":""}
{"process":"c1","type":"invoke","f":"append","key":"a","value":"2"}
{"process":"c1","type":"info","f":"append","error":"no answer"}`;
    expect(callsOf(text, "kv")).toEqual(['c1 put(a, "1") 1-3', 'c2 get(a) = "" 2-5', 'c1 append(a, "2") 6-?']);
    expect(read(text, "kv")).toMatchObject({ format: "json-lines" });
    expect(callsOf(`\uFEFF${text}`, "kv")).toHaveLength(3);
  });

  test("what failed did not happen, and a read without an answer says nothing", () => {
    const text = `0 :invoke :write 1\n0 :fail :write 1\n0 :invoke :read nil\n0 :fail :read nil\n0 :invoke :read nil\n0 :info :read :timed-out\n`;
    expect(callsOf(text)).toEqual([]);
    expect(read(text)).toMatchObject({ kind: "read", operations: 3, failed: 2, unanswered: 1 });
  });

  test("a cas that fails was not equal, unless it is said why it failed", () => {
    const edn = (rest: string) =>
      `{:process 0 :type :invoke :f :cas :value [1 2]}{:process 0 :type :fail :f :cas ${rest}}`;
    expect(callsOf(edn(":value [1 2]"))).toEqual(["0 cas(1, 2) = failed 1-1"]);
    expect(callsOf(edn(""))).toEqual(["0 cas(1, 2) = failed 1-1"]);
    expect(callsOf(edn(":value [1 2] :error :refused"))).toEqual([]);
    expect(callsOf(edn(":value :refused"))).toEqual([]);
    expect(callsOf("0 :invoke :cas [nil 2]\n0 :fail :cas [nil 2] [:refused]\n")).toEqual([]);
  });

  test("the models that fit", () => {
    expect(operationNames(new TextEncoder().encode(LOG))).toEqual(["read", "write", "cas"]);
    expect(modelsWith(["read"])).toEqual(["register", "cas-register"]);
    expect(modelsWith(["read", "cas"])).toEqual(["cas-register"]);
    expect(modelsWith(["get", "read"])).toEqual([]);
  });
});

describe("a file that is not understood as a whole is refused", () => {
  test.each<[what: string, text: string | Uint8Array, flaws: string[], model?: ModelName]>([
    ["empty", " \n\n", [": expected the operations of a history, not an empty file"]],
    [
      "only the nemesis",
      "\n:nemesis :info :start nil\n",
      [": expected the operations of a history, not one without any"],
    ],
    ["an empty vector", "[]", [": expected the operations of a history, not one without any"]],
    ["another kind of text", "\n# Title\n", ["2: expected the first line of a history"]],
    ["bytes", Uint8Array.of(0x30, 0x0a, 0xff, 0xfe), ["2: expected text in UTF-8, not other bytes"]],
    ["a NUL", "0 :invoke\n\0", ["2: expected text in UTF-8, not other bytes"]],
    [
      "a call that is open at the end",
      "0 :invoke :read nil\n1 :invoke :write 1\n1 :ok :write 1\n",
      ["1: type: expected an answer to this call of process 0 before the end of the file: was it cut short?"],
    ],
    [
      "cut in the middle of a value",
      "0 :invoke :write 12\n0 :ok :write 1",
      ["2: expected a line feed at the end of the last line: was the file cut short?"],
    ],
    [
      "EDN that was cut",
      "{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :re",
      ["2: expected a } that closes this map, not the end of the file: was it cut short?"],
    ],
    [
      "JSON that was cut",
      '{"process":0,"type":"invoke","f":"read"}\n{"process":0,"ty',
      ['2: expected a JSON object such as {"process":"c1","type":"invoke","f":"read"}, not "{\\"process\\":0,\\"ty"'],
    ],
    ["no call", "0 :ok :read nil\n", ["1: type: expected :invoke first, not :ok: process 0 has no open call"]],
    [
      "a process twice",
      "0 :invoke :read nil\n0 :invoke :write 1\n0 :ok :write 1\n",
      ["2: process: expected a process without an open call, not 0, whose read of line 1 is not answered yet"],
    ],
    [
      "a process after its info",
      "0 :invoke :read nil\n0 :info :read :timed-out\n0 :invoke :read nil\n0 :ok :read nil\n",
      ["3: process: expected another process than 0, which makes no more calls after the :info on line 2"],
    ],
    [
      "answers that differ from their calls",
      "0 :invoke :write 1\n0 :ok :write 2\n1 :invoke :read nil\n1 :ok :write 2\n2 :invoke :cas [1 2]\n2 :info :cas [1 3]\n",
      [
        "2: value: expected 1, as in its call on line 1, not 2",
        "4: f: expected :read, as in its call on line 3, not :write",
        "6: value: expected [1 2], as in its call on line 5, not [1 3]",
      ],
    ],
    [
      "another key in the answer",
      '{"process":1,"type":"invoke","f":"get","key":"a"}\n{"process":1,"type":"ok","f":"get","key":"b","value":"1"}',
      ['2: key: expected "a", as in its call on line 1, not "b"'],
      "kv",
    ],
    [
      "an operation that the model does not know",
      "0 :invoke :cas [1 2]\n0 :ok :cas [1 2]\n",
      [
        "1: f: expected an operation of the model register, one of :read, :write, not :cas (known to --model cas-register)",
      ],
      "register",
    ],
    [
      "values of a wrong shape",
      "0 :invoke :write nil\n0 :ok :write nil\n0 :invoke :cas 3\n0 :ok :cas 3\n0 :invoke :cas [1 2 3]\n0 :ok :cas [1 2 3]\n0 :invoke :read 3\n0 :ok :read 3\n0 :invoke :read nil\n0 :ok :read [3]\n0 :invoke :write 1.5\n0 :ok :write 1.5\n",
      [
        "1: value: expected a whole number, a string or the like, not nil",
        "3: value: expected the old and the new value, such as [1 3], not 3",
        "5: value: expected the old and the new value, such as [1 3], not [1 2 3]",
        "7: value: expected nil, not 3: what read is answered stands in its :ok",
        "10: value: expected a whole number, a string or the like or nil, not [3]",
        "11: value: expected a whole number, a string or the like, not 1.5",
      ],
    ],
    [
      "a read without what was read",
      '{"process":1,"type":"invoke","f":"get","key":"a"}\n{"process":1,"type":"ok","f":"get"}',
      ['2: value: expected a string ("" where there is none), not nothing'],
      "kv",
    ],
    [
      "no key where one is needed, and one where none is",
      '{"process":1,"type":"invoke","f":"put","value":"a"}\n{"process":1,"type":"ok","f":"put"}',
      ["1: key: expected a whole number, a string or the like, not nothing"],
      "kv",
    ],
    [
      "a key where there is none",
      '{:process 1 :type :invoke :f :read :key "a"}{:process 1 :type :ok :f :read :key "a" :value 1}',
      ['1: key: expected none, not "a": the model cas-register is of one object, without keys'],
    ],
    [
      "values of two kinds, which could be taken for one another",
      '0 :invoke :write 1\n0 :ok :write 1\n0 :invoke :read nil\n0 :ok :read "1"\n',
      ["4: value: expected a whole number as on line 1, not a string: in a history, all are of one kind"],
    ],
    [
      "processes of two kinds",
      '{"process":1,"type":"invoke","f":"read"}\n{"process":"1","type":"ok","f":"read","value":1}\n{"process":1,"type":"ok","f":"read","value":1}',
      ["2: process: expected a whole number as on line 1, not a string"],
    ],
    [
      "lines of another format",
      '0 :invoke :read nil\n0 :ok :read nil\n{:process 0}\n{"process":0}\n',
      [
        "3: expected a line of a Jepsen log, as in the lines before, not an EDN map: a file has one format",
        "4: expected a line of a Jepsen log, as in the lines before, not a JSON object: a file has one format",
      ],
    ],
    [
      "EDN, then something else",
      '{:process 0 :type :invoke :f :read}\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n{"process":0}\n',
      [
        "2: expected an EDN map, as in the lines before, not a line of a Jepsen log",
        "3: expected an EDN map, as in the lines before, not a JSON object",
      ],
    ],
    [
      "JSON, then something else",
      '{"process":0,"type":"invoke","f":"read"}\n{:process 0}\n[1]\n',
      ["2: expected a JSON object, as in the lines before, not an EDN map", "3: expected a JSON object such as"],
    ],
    [
      "lines of a log that are no operations",
      "0 :invoke :read nil\nINFO jepsen.core - Run complete\n0 :done :read nil\nx jepsen.util - a :ok :read 1\n0 :ok :read\n0 :ok :read 1 2\n0 :ok read 1\n0 :ok :read {1\n",
      [
        '2: expected an operation such as "0 :invoke :write 3", not "INFO jepsen.core - Run complete"',
        "3: type: expected one of :invoke, :ok, :fail, :info, not :done",
        "4: process: expected a whole number, or :nemesis, not a",
        '5: value: expected a value, such as in "0 :invoke :write 3", not the end of the line',
        "6: value: expected one value and then the end of the line, not 2",
        "7: f: expected an operation such as :read, not read",
        "8: value: expected a } that closes this map",
      ],
    ],
    [
      "fields of EDN that are missing, wrong or twice",
      '{:type :invoke :f :read}\n{:process :x :type "ok" :f read}\n{:process 1 :process 1 :type :ok :f :read}\n42\n',
      [
        "1: process: expected a whole number, a string or :nemesis, not nothing",
        '2: type: expected one of :invoke, :ok, :fail, :info, not "ok"',
        "2: process: expected a whole number, a string or :nemesis, not :x",
        "2: f: expected an operation such as :read, not read",
        "3: process: expected it once in this map, not again",
        "4: expected a map such as {:process 0",
      ],
    ],
    [
      "fields of JSON that are missing, wrong, unknown or twice",
      '{"type":"invoke","f":"read"}\n{"process":1.5,"type":"done","f":3}\n{"process":1,"type":"ok","f":"read","vaule":1}\n{"process":1,"type":"ok","f":"read","value":1,"value":2}\n{"process":1,"type":"ok","f":"read","value":{"f":1},"error":"x"}',
      [
        "1: process: expected a string or a whole number, not nothing",
        "2: process: expected a string or a whole number, not 1.5",
        '2: type: expected one of "invoke", "ok", "fail", "info", not "done"',
        '2: f: expected the name of an operation, such as "read", not 3',
        '3: expected no other fields than process, type, f, key, value, error, time, index, not "vaule"',
        '4: expected each field once, not "value" again',
        "5: error: expected only where type is fail or info",
      ],
    ],
    [
      "a number that JSON does not keep",
      '{"process":1,"type":"invoke","f":"write","value":9007199254740993}\n{"process":1,"type":"ok","f":"write"}',
      ["1: value: expected a whole number, a string or the like, not 9007199254740992"],
    ],
  ])("%s", (_what, text, expected, model) => {
    const found = flawsOf(text, model);
    expect(found.map((line, i) => line.slice(0, expected[i]?.length))).toEqual(expected);
  });

  test("wherever a file is cut off, it is refused or what was read was whole", () => {
    const lineEnds = new Set([...LOG.matchAll(/\n/g)].map(({ index }) => index + 1));
    for (let length = 0; length < LOG.length; length++) {
      const history = read(LOG.slice(0, length));
      // After line 7 no call is open: this is a history of its own.
      if (history.kind === "read") expect(lineEnds.has(length) && history.operations === 3, `${length}`).toBe(true);
    }
  });
});
