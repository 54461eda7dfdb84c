import process from "node:process";
import { styleText } from "node:util";
import { type Paint, PLAIN } from "../reporters/text.ts";

/** Colours on a terminal, unless NO_COLOR is set; none elsewhere. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const { NO_COLOR: noColor = "", TERM: term } = process.env;
  if (stream.isTTY !== true || noColor !== "" || term === "dumb") return PLAIN;
  return {
    good: (text) => styleText(["green", "bold"], text),
    bad: (text) => styleText(["red", "bold"], text),
    doubtful: (text) => styleText("yellow", text),
    faint: (text) => styleText("dim", text),
  };
}
