import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { EXIT, type ExitStatus, UsageError } from "./exit.ts";
import { collect, durationOption, seedOption, shardOption, sizeOption, wholeOption } from "./options.ts";
import { VERSION } from "./project.ts";

const EXIT_STATUS_HELP = `
Exit status:
  0  holds                    3    undecided: a bound was reached before it was known
  1  a property is violated   4    a fault of seatrial itself, or of a model
  2  wrong usage or input     130  interrupted; what was found is saved`;

/**
 * Runs the command line.
 *
 * @param args what stands after the name of the program
 * @returns the exit status
 */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  // Whoever reads the output may have seen enough: `seatrial list | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.holds);
    throw error;
  });
  let status: ExitStatus = EXIT.holds;
  const done = (action: () => Promise<ExitStatus>) => async () => {
    status = await action();
  };
  try {
    await program(done).parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.holds : EXIT.usage;
    if (error instanceof UsageError) {
      process.stderr.write(`${error.lines.join("\n")}\n`);
      return EXIT.usage;
    }
    process.stderr.write(`seatrial: a fault of its own:\n${(error as Error)?.stack ?? String(error)}\n`);
    return EXIT.fault;
  }
}

/** Wraps the action of a command, so that its exit status gets out. */
type Done = (action: () => Promise<ExitStatus>) => () => Promise<void>;

function program(done: Done): Command {
  const root = new Command("seatrial")
    .description(
      "Puts the software that runs clusters through simulated crashes, partitions and lost messages, and checks that what must hold does hold. The same seed makes the same runs, on any machine.",
    )
    .version(VERSION, "-V, --version")
    .exitOverride()
    .showHelpAfterError("(add --help to see what there is)")
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      "after",
      `
A first run, and what to do with what it finds:
  seatrial run                        every suite, profile quick
  seatrial run raft --time 10m        as many runs as fit into ten minutes
  seatrial replay reports/failures/raft-….json --tail 40
  seatrial bugs                       does the harness find the bugs that are known from the field?
  seatrial report                     which rule met which fault in the last run
  seatrial check-history ops.log --model cas-register
  seatrial schedule --nodes nodes.yaml --pods pods.yaml --explain
${EXIT_STATUS_HELP}`,
    );
  for (const add of [addRun, addReplay, addBugs, addCheckHistory, addSchedule, addList, addReport, addSchema])
    add(root, done);
  return root;
}

const suitesOption = () =>
  new Option(
    "--suites <module>",
    "also load the suites that this module exports as SUITES (may be repeated)",
  ).argParser(collect);
const workersOption = () =>
  new Option("--workers <n>", "worker threads (default: as many as there are cores)").argParser(wholeOption(1, 512));
const reportsOption = () => new Option("--reports <dir>", "where results and failure files go").default("reports");

function addRun(root: Command, done: Done): void {
  const command = root
    .command("run")
    .summary("try suites, and report what is violated")
    .description(
      "Tries the corpus of each suite (earlier failure files, then its named scenarios), then makes generated runs, then shrinks what was found. Runs depend on nothing but seed, profile and run number: not on workers, shards or machine.",
    )
    .argument("[suite...]", "the suites to run (default: all)")
    .option("--profile <name>", "how large runs are, and how many: quick, ci, … (seatrial list shows them)", "quick")
    .addOption(
      new Option("--runs <n>", "generated runs of each suite (default: the profile's)").argParser(wholeOption(0, 1e9)),
    )
    .addOption(
      new Option("--seed <n>", "the campaign's seed (default: 1 where CI is set, else drawn and printed)").argParser(
        seedOption,
      ),
    )
    .addOption(workersOption())
    .addOption(
      new Option("--shard <i/n>", "make part i of n of the runs; the first part tries the corpus").argParser(
        shardOption,
      ),
    )
    .addOption(
      new Option(
        "--time <duration>",
        "start no further runs after this, for each suite: 90s, 10m. How many runs there are then depends on the machine",
      ).argParser(durationOption),
    )
    .option("--bail", "stop at the first violation")
    .option("--scenario <path...>", "run these scenario or failure files, or directories of them, and nothing else")
    .addOption(
      new Option("--schedule <kind>", "who chooses what happens next, in every generated run").choices([
        "timed",
        "pct",
        "random",
      ]),
    )
    .option(
      "--manifests <path>",
      "begin every generated run with the objects of these manifests: a file, or a directory and all .yaml, .yml and .json files below it",
    )
    .option("--no-corpus", "do not try earlier failures and named scenarios")
    .option("--no-shrink", "save violations as they were found")
    .option("--self-check", "make each run twice, and name the first event that differs if one does")
    .addOption(
      new Option("--run-timeout <duration>", "give up a run that takes longer, as a fault")
        .argParser(durationOption)
        .default(300, "5m"),
    )
    .addOption(reportsOption())
    .option("--json <file>", "write the whole result as JSON (seatrial schema result)")
    .option("--junit <file>", "write JUnit XML, one test case for each property")
    .option("--markdown <file>", "write a summary in Markdown, for instance to $GITHUB_STEP_SUMMARY")
    .addOption(suitesOption())
    .addHelpText(
      "after",
      `
Examples:
  seatrial run                                     all suites, a drawn seed
  seatrial run raft --profile ci --seed 7          the same 10,000 runs, wherever it is run
  seatrial run raft --shard 2/4 --seed 7           the second quarter of them
  seatrial run --scenario scenarios/raft           only the named scenarios, held to what they expect
  seatrial run control-plane --manifests k8s/       what the cluster does with these, whatever breaks
  seatrial run --bail --no-corpus --json out.json
${EXIT_STATUS_HELP}`,
    );
  command.action((names: string[]) =>
    done(async () => (await import("./commands/run.ts")).run(names, command.opts()))(),
  );
}

function addReplay(root: Command, done: Done): void {
  const command = root
    .command("replay")
    .summary("run one scenario again, and show what happens in it")
    .description(
      "Runs a failure file (with its seeded bug, if it has one), a scenario file, or one run of a campaign. Says whether the violation is still there, and whether the trace is the one that was recorded.",
    )
    .argument("[file|seed]", "a failure file, a scenario file, or the seed of a campaign")
    .option("--suite <name>", "the suite of the run, with --run")
    .addOption(new Option("--seed <n>", "the campaign's seed, with --run").argParser(seedOption))
    .addOption(new Option("--run <n>", "the number of the run in its campaign").argParser(wholeOption(0, 1e9)))
    .option("--profile <name>", "the campaign's profile, with --run", "quick")
    .option("--trace", "print every event")
    .option("--tail <n>", "print the last n lines of the trace", wholeOption(1, 1e9))
    .option("--trace-file <file>", "write every event into a file")
    .option("--save <file>", "write the scenario into a file, to be edited and replayed")
    .addOption(suitesOption())
    .addHelpText(
      "after",
      `
Examples:
  seatrial replay reports/failures/raft-….json --tail 40
  seatrial replay scenarios/raft/….yaml --trace
  seatrial replay 7 --suite raft --run 1234        run 1234 of "seatrial run raft --seed 7"

Exit status: 1 when a property is violated, 0 when it holds, 2 when the file is not as it must be.`,
    );
  command.action((file: string | undefined) =>
    done(async () => (await import("./commands/replay.ts")).replay(file, command.opts()))(),
  );
}

function addBugs(root: Command, done: Done): void {
  const command = root
    .command("bugs")
    .summary("put known bugs into the models, and see whether the harness finds them")
    .description(
      "Each seeded bug of scenarios/bugs is a small edit of a model. For each one, runs are made until a property is violated; the run is shrunk, saved and replayed. Which run finds it does not depend on the number of workers.",
    )
    .argument("[id...]", "the bugs to try (default: all)")
    .addOption(new Option("--seconds <n>", "give up a bug after so long").argParser(durationOption).default(60))
    .addOption(new Option("--runs <n>", "give up a bug after so many runs").argParser(wholeOption(1, 1e9)))
    .addOption(new Option("--seed <n>", "the campaigns' seed").argParser(seedOption).default(1))
    .option("--profile <name>", "the profile of bugs that name none", "quick")
    .option("--no-shrink", "save violations as they were found")
    .addOption(workersOption())
    .addOption(reportsOption())
    .option("--json <file>", "write the table as JSON (seatrial schema bugs)")
    .addOption(suitesOption())
    .addHelpText("after", "\nExit status: 0 when all are found, 1 when one is not.");
  command.action((ids: string[]) => done(async () => (await import("./commands/bugs.ts")).bugs(ids, command.opts()))());
}

function addCheckHistory(root: Command, done: Done): void {
  const command = root
    .command("check-history")
    .summary("check whether recorded histories are linearizable")
    .description(
      "Reads what clients of a real system asked and were answered, and says whether it could have happened to one object, one call at a time, each between its invocation and its answer. A file that is not understood as a whole gets no verdict.",
    )
    .argument("<file...>", "histories: Jepsen logs, EDN, or JSON lines, told apart by what is in them")
    .addOption(
      new Option("--model <name>", "what the histories are compared with (needed)").choices([
        "register",
        "cas-register",
        "kv",
      ]),
    )
    .addOption(
      new Option("--time-limit <duration>", "leave a file undecided after this")
        .argParser(durationOption)
        .default(60, "60s"),
    )
    .addOption(
      new Option("--memory-limit <size>", "leave a file undecided when the search remembers more than this")
        .argParser(sizeOption)
        .default(2 ** 30, "1GiB"),
    )
    .option("--json <file>", "write verdicts and evidence as JSON (seatrial schema histories)")
    .addHelpText("after", CHECK_HISTORY_HELP);
  command.action((files: string[]) =>
    done(async () => (await import("./commands/check-history.ts")).checkHistory(files, command.opts()))(),
  );
}

const CHECK_HISTORY_HELP = `
Models:
  register      read, write; nil before the first write
  cas-register  the same, and cas [old new]
  kv            get, put, append on text by key; "" where nothing was written

Formats, one event a line, in the order in which things happened:
  Jepsen log  INFO  jepsen.util - 0 :invoke :write 3        also without what stands before the process
  EDN         {:process 0, :type :ok, :f :get, :key "a", :value "x"}
  JSON lines  {"process":"c1","type":"invoke","f":"put","key":"a","value":"1"}
              {"process":"c1","type":"ok","f":"put"}
              {"process":"c2","type":"invoke","f":"get","key":"a"}
              {"process":"c2","type":"ok","f":"get","value":"1"}

Where lines have an index, it increases. A process makes one call after the other. Each invoke has one answer:
  ok    it was answered; of a read, the value stands here
  fail  it certainly had no effect. A cas that fails was not equal, unless an error is given: then it did not happen
  info  not known: it may take effect at any later time, or never. The process makes no more calls
Lines of the nemesis are passed over. Any other line that is not understood, and a call without an answer (so ends a
file that was cut short), is an error.

Examples:
  seatrial check-history etcd.log --model cas-register
  seatrial check-history a.edn b.edn --model kv --time-limit 10m --memory-limit 4GiB --json out.json

Exit status:
  0  all are linearizable     3  undecided: a limit was reached before it was known
  1  one is not linearizable  2  a file or the command line is not as it must be; the other files are checked`;

function addSchedule(root: Command, done: Done): void {
  const files = (name: string, what: string) =>
    new Option(`--${name} <file...>`, what).makeOptionMandatory().argParser(collect);
  const command = root
    .command("schedule")
    .summary("say which node each pod would get, and why")
    .description(
      "Answers for real manifests what the Kubernetes scheduler (1.36) would decide: which node each pod gets, why others are refused, and how each plugin scores them. Pods that have a node (spec.nodeName) are there before; the others are placed one after the other, highest priority first, and each sees the earlier ones.",
    )
    .addOption(files("nodes", "what kubectl get nodes -o yaml (or json) writes"))
    .addOption(
      files("pods", "the pods, and all else that matters: claims, volumes, classes, services, budgets, namespaces"),
    )
    .option("--explain", "also each node's answer, and each plugin's score of it")
    .option("--json <file>", "write all that was found out as JSON")
    .option("--config <file>", "a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1)")
    .option("--all-plugins", "ask every filter of every node, not only until one refuses, and score all nodes that fit")
    .addHelpText("after", SCHEDULE_HELP);
  command.action(() => done(async () => (await import("./commands/schedule.ts")).schedule(command.opts()))());
}

const SCHEDULE_HELP = `
Where several nodes are equally good, the real scheduler draws lots; here the first of them is taken.
With 100 nodes and more, not all are looked at, as in the real one (percentageOfNodesToScore); --all-plugins looks at all.
When others must go for a pod, they are taken to be gone at once, and the pod is tried again.

Examples:
  kubectl get nodes -o yaml > nodes.yaml
  kubectl get pods,pvc,services,rs -A -o yaml > there.yaml
  kubectl get pv,sc,ns,priorityclasses -o yaml > more.yaml
  seatrial schedule --nodes nodes.yaml --pods there.yaml --pods more.yaml --pods new.yaml --explain

Exit status:
  0  answered, whether or not every pod has a node     2  a file or the command line is not as it must be`;

function addList(root: Command, done: Done): void {
  const command = root
    .command("list")
    .description("list suites with their properties, profiles and scenarios, seeded bugs, and kinds of fault")
    .argument("[suite...]", "these suites only")
    .option("--json", "as JSON")
    .addOption(suitesOption());
  command.action((names: string[]) =>
    done(async () => (await import("./commands/list.ts")).list(names, command.opts()))(),
  );
}

function addReport(root: Command, done: Done): void {
  const command = root
    .command("report")
    .summary("show the result of the last run, and which rule met which fault")
    .description("Renders a result that run has written, by default that of the last run.")
    .argument("[file]", "a result: reports/last-run.json, or what run --json has written")
    .addOption(
      new Option("--format <format>", "how to render it")
        .choices(["text", "json", "junit", "markdown"])
        .default("text"),
    )
    .option("--out <file>", "write it into a file instead of printing it")
    .addOption(reportsOption());
  command.action((file: string | undefined) =>
    done(async () => (await import("./commands/report.ts")).report(file, command.opts()))(),
  );
}

function addSchema(root: Command, done: Done): void {
  const command = root
    .command("schema")
    .summary("print the JSON Schema of a kind of file")
    .description(
      "Prints the JSON Schema of scenario files, failure files, results, bug tables, seeded bugs, or checks of histories.",
    )
    .argument("<what>", "scenario, failure, result, bugs, bug or histories")
    .option("--suite <name>", "the suite of the scenarios", "raft")
    .addOption(suitesOption());
  command.action((what: string) =>
    done(async () => (await import("./commands/schema.ts")).schema(what, command.opts()))(),
  );
}
