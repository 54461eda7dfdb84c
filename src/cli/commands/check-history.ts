import { readFileSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { HistoryFlaw } from "../../checkers/formats/events.ts";
import { MODELS, type ModelName, type ModelOperations, modelsWith } from "../../checkers/formats/operations.ts";
import { operationNames, type ReadHistory, readHistory } from "../../checkers/formats/read.ts";
import type { Call, LinearizabilityEvidence } from "../../checkers/history.ts";
import { checkLinearizability } from "../../checkers/linearizability.ts";
import type { HistoriesResult, HistoryEvidence, HistoryResult } from "../../harness/histories.ts";
import { counted } from "../../reporters/format.ts";
import { renderHistory } from "../../reporters/histories.ts";
import { reasonOf } from "../document.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { Output } from "../findings.ts";
import { paintFor } from "../paint.ts";
import { Progress } from "../progress.ts";
import { NODE_VERSION, VERSION } from "../project.ts";
import { mustBeWritable } from "../writing.ts";

/** The options of `check-history`, as commander gives them. */
export interface CheckHistoryCommandOptions {
  readonly model?: ModelName;
  /** In seconds, for each file. */
  readonly timeLimit: number;
  /** In bytes. */
  readonly memoryLimit: number;
  readonly json?: string;
}

const FLAWS_SHOWN = 10;
/** What a history of this size takes in memory is bounded by that of the machine, not by the memory limit. */
const FILE_MIB_MAX = 200;
/** Of the calls that could be ordered, how many the result keeps. */
const LAST_KEPT = 100;

/** Checks recorded histories, prints what came of each, and gives the exit status. */
export async function checkHistory(files: readonly string[], options: CheckHistoryCommandOptions): Promise<ExitStatus> {
  const { model } = options;
  if (model === undefined) throw new UsageError(...modelMissing(files));
  mustBeWritable({ "--json": options.json });
  const paint = paintFor(process.stdout);
  const progress = new Progress();
  const results: HistoryResult[] = [];
  for (const file of files) {
    if (process.stderr.isTTY) progress.begin(file);
    const result = checkFile(file, MODELS[model] as ModelOperations<unknown, unknown>, options);
    progress.clear();
    if (result.verdict === null) process.stderr.write(`${flawLines(result).join("\n")}\n`);
    process.stdout.write(renderHistory(result, paint));
    results.push(result);
  }
  const output = new Output();
  if (options.json !== undefined) {
    const written: HistoriesResult = { format: 1, seatrial: VERSION, node: NODE_VERSION, model, files: results };
    output.write(options.json, `${JSON.stringify(written, null, 2)}\n`);
  }
  return output.complete ? statusOf(results) : EXIT.fault;
}

/** Bad input comes before all verdicts: what was asked for was not done. */
function statusOf(results: readonly HistoryResult[]): ExitStatus {
  const some = (verdict: HistoryResult["verdict"]) => results.some((result) => result.verdict === verdict);
  if (some(null)) return EXIT.usage;
  if (some("notLinearizable")) return EXIT.violated;
  return some("unknown") ? EXIT.undecided : EXIT.holds;
}

function checkFile<Op>(
  file: string,
  of: ModelOperations<unknown, Op>,
  { timeLimit, memoryLimit }: CheckHistoryCommandOptions,
): HistoryResult {
  const started = performance.now();
  const bytes = contentOf(file);
  const history = "message" in bytes ? { kind: "flawed" as const, flaws: [bytes] } : readHistory(bytes, of);
  const nothing = { file, operations: 0, failed: 0, unanswered: 0, reason: null, evidence: null, flaws: [] };
  const milliseconds = () => Math.round((performance.now() - started) * 1000) / 1000;
  if (history.kind === "flawed")
    return {
      ...nothing,
      verdict: null,
      format: null,
      milliseconds: milliseconds(),
      flaws: history.flaws.slice(0, FLAWS_SHOWN),
      flawsFound: history.flaws.length,
    };
  const { format, operations, failed, unanswered, calls } = history;
  const verdict = checkLinearizability(of.model, calls, {
    stepsMax: Number.MAX_SAFE_INTEGER,
    memoryBytesMax: memoryLimit,
    expired: () => performance.now() - started > timeLimit * 1000,
  });
  return {
    ...nothing,
    verdict: verdict.kind,
    format,
    operations,
    failed,
    unanswered,
    milliseconds: milliseconds(),
    reason: verdict.kind === "unknown" ? verdict.reason : null,
    evidence: verdict.kind === "notLinearizable" ? evidenceOf(verdict.evidence, history, of) : null,
    flawsFound: 0,
  };
}

/** The bytes of a file, or why there are none. */
function contentOf(file: string): Uint8Array | HistoryFlaw {
  const flaw = (message: string): HistoryFlaw => ({ line: null, field: null, message });
  try {
    const { size } = statSync(file);
    if (size > FILE_MIB_MAX * 2 ** 20)
      return flaw(`expected at most ${FILE_MIB_MAX} MiB, not ${Math.ceil(size / 2 ** 20)}`);
    return readFileSync(file);
  } catch (error) {
    return flaw(`cannot be read: ${reasonOf(error)}`);
  }
}

function evidenceOf<Op>(
  { partition, longest, stuck }: LinearizabilityEvidence<Op>,
  { lines, calls }: ReadHistory<Op>,
  { model }: ModelOperations<unknown, Op>,
): HistoryEvidence {
  const row = ({ process, op, invokedAt, returnedAt }: Call<Op>) => ({
    process,
    operation: model.describe(op),
    line: lines[invokedAt]!,
    answeredLine: lines[returnedAt] ?? null,
  });
  return {
    partition,
    calls: partition === null ? calls.length : calls.filter(({ op }) => model.partition?.(op) === partition).length,
    ordered: longest.length,
    last: longest.slice(-LAST_KEPT).map(({ call, state }) => ({ ...row(call), state })),
    stuck: stuck.map(({ call, reason }) => ({ ...row(call), reason })),
  };
}

/** `file:line: field: what was expected`, for the first flaws of a file. */
function flawLines({ file, flaws, flawsFound }: HistoryResult): readonly string[] {
  const lines = flaws.map(({ line, field, message }) =>
    [line === null ? file : `${file}:${line}`, ...(field === null ? [] : [field]), message].join(": "),
  );
  const more = flawsFound - flaws.length;
  return more > 0 ? [...lines, `${file}: and ${counted(more, "more flaw")}`] : lines;
}

/** What to say where no model is given: which ones there are, and which know the operations of the files. */
function modelMissing(files: readonly string[]): readonly string[] {
  const fs = new Set(
    files.flatMap((file) => {
      const bytes = contentOf(file);
      return "message" in bytes ? [] : operationNames(bytes);
    }),
  );
  const fitting = modelsWith(fs);
  const names = Object.keys(MODELS).join(", ");
  const found = [...fs].sort().slice(0, FLAWS_SHOWN).join(", ");
  const hint =
    fs.size === 0
      ? []
      : [
          fitting.length === 0
            ? `no model knows all operations found: ${found}`
            : `operations found: ${found}; they fit --model ${fitting.join(" or ")}`,
        ];
  return [`--model is missing: expected what the histories are compared with, one of ${names}`, ...hint];
}
