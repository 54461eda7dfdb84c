import { Memo } from "../kernel/index.ts";
import type { Command } from "./types.ts";

/**
 * The commands of the last entries, by their text: each member applies it, and one has made it. All that is read of a
 * command is its fields by their names, so that the one that was made is as good as one that was parsed.
 */
const COMMANDS = new Memo((text) => JSON.parse(text) as Command, 256);

/** What stands in the log for a command. */
export function textOf(command: Command): string {
  const text = JSON.stringify(command);
  COMMANDS.set(text, command);
  return text;
}

/** The command of an entry of the log. It is shared, and not to be changed. */
export function commandOf(text: string): Command {
  return COMMANDS.get(text);
}
