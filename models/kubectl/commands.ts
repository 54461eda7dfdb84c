import { unreachable } from "../kernel/index.ts";
import { apply, create } from "./apply.ts";
import { drain } from "./drain.ts";
import { readWrite, remove, single } from "./edit.ts";
import type { CommandRules } from "./outcome.ts";
import { undo } from "./rollout.ts";
import type { Command } from "./types.ts";

/** The rules of a command's kind. */
export function rulesOf(command: Command): CommandRules {
  return rules(command.kind) as unknown as CommandRules;
}

function rules(kind: Command["kind"]) {
  switch (kind) {
    case "apply":
      return apply;
    case "create":
      return create;
    case "scale":
    case "rolloutRestart":
    case "rolloutPause":
    case "cordon":
    case "label":
    case "annotate":
    case "patch":
      return single;
    case "setImage":
    case "taint":
    case "replace":
    case "rewrite":
      return readWrite;
    case "rolloutUndo":
      return undo;
    case "delete":
      return remove;
    case "drain":
      return drain;
    default:
      return unreachable(kind);
  }
}
