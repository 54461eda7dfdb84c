import { JSON_COMMANDS } from "../../../models/store/index.ts";
import type { Command, CommandText } from "../../../models/store/types.ts";
import { Remembered } from "../../simulator/remembered.ts";

/** Some more commands than a cluster has under way. */
const commands = new Remembered<Command>(1024);

/** Commands of the log, read once for all members that apply them, and not at all where they were written. */
export const COMMANDS: CommandText = {
  read(text) {
    let command = commands.get(text);
    if (command === undefined) {
      command = JSON_COMMANDS.read(text);
      commands.set(text, command);
    }
    return command;
  },
  write(command) {
    const text = JSON_COMMANDS.write(command);
    commands.set(text, command);
    return text;
  },
};
