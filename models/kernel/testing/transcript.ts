/** What runs the commands of a transcript, one by one, and writes lines for what they do. */
export interface TranscriptRun {
  readonly lines: string[];
  command(words: readonly string[]): void;
}

/**
 * Runs a transcript and renders what happened: blocks of commands, `----`, and what their effects were. What stands behind
 * `----` in the given text is not read; the text that is returned has it written anew. `quiet` before a command leaves out
 * its effects.
 */
export function renderTranscript(text: string, run: TranscriptRun): string {
  const out: string[] = [];
  for (const block of text.trimEnd().split(/\n\n+/)) {
    const lines = block.split("\n");
    const end = lines.indexOf("----");
    const commands = end < 0 ? lines : lines.slice(0, end);
    out.push(...commands);
    if (commands.some((line) => withoutComment(line) !== "")) out.push("----", ...runBlock(commands, run));
    out.push("");
  }
  return out.join("\n");
}

function runBlock(commands: readonly string[], run: TranscriptRun): readonly string[] {
  run.lines.length = 0;
  for (const line of commands) {
    const words = withoutComment(line).split(/\s+/);
    if (words[0] === "") continue;
    const kept = run.lines.length;
    const quiet = words[0] === "quiet";
    run.command(quiet ? words.slice(1) : words);
    if (quiet) run.lines.length = kept;
  }
  return run.lines.length === 0 ? ["nothing"] : [...run.lines];
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)# .*$/, "").trim();
}
