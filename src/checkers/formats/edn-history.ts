import { type Edn, EdnReader, EdnSyntaxError, print } from "./edn.ts";
import {
  type EventsRead,
  flaw,
  type HistoryEvent,
  type HistoryFlaw,
  Indexes,
  isEventType,
  processOf,
  shortened,
  shown,
  typeExpected,
} from "./events.ts";
import { otherFormat } from "./lines.ts";

type EdnMap = Edn & { readonly kind: "map" };

const EXAMPLE = "{:process 0, :type :invoke, :f :read, :value nil}";

/**
 * Reads a history in EDN: maps with `:process`, `:type` and `:f`, and where the operation has them `:key`, `:value` and
 * `:error`; an `:index` has to increase, and whatever else Jepsen notes (`:time`) is left out. One map a line is usual, but
 * they may stand anyhow, also in one vector or list around all. A map may have the tag `jepsen.history.Op`. Maps of the
 * nemesis are left out.
 */
export function readEdnHistory(text: string): EventsRead {
  const events: HistoryEvent[] = [];
  const flaws: HistoryFlaw[] = [];
  const indexes = new Indexes();
  const reader = new EdnReader(text);
  let lines: readonly string[] | null = null;
  const lineText = (line: number) => {
    lines ??= text.split("\n");
    return lines[line - 1] ?? "";
  };
  for (;;) {
    let form: Edn | null;
    try {
      form = reader.next();
    } catch (error) {
      if (!(error instanceof EdnSyntaxError)) throw error;
      flaws.push({
        line: error.line,
        field: null,
        message: otherFormat(lineText(error.line), "edn") ?? error.message,
      });
      reader.skipToNextMap();
      continue;
    }
    if (form === null) return { notation: "edn", events, flaws };
    const around = form.kind === "vector" || form.kind === "list" ? form.items : null;
    for (const item of around ?? [form]) {
      const map = item.kind === "tagged" && item.tag === "jepsen.history.Op" ? item.value : item;
      if (map.kind === "map" && map.entries.some(([key]) => key.kind === "keyword"))
        readMap(map, indexes, events, flaws);
      else
        flaws.push({
          line: item.line,
          field: null,
          message:
            otherFormat(lineText(item.line), "edn") ??
            `expected a map such as ${EXAMPLE}, not ${shortened(print(item), 40)}`,
        });
    }
    // One flaw is enough for a line that is no map.
    if (around === null && form.kind !== "map" && form.kind !== "tagged") reader.skipToNextMap();
  }
}

function readMap(map: EdnMap, indexes: Indexes, events: HistoryEvent[], flaws: HistoryFlaw[]): void {
  const { line } = map;
  const flawsBefore = flaws.length;
  const disorder = indexes.breach(fieldOf(map, "index", flaws), line);
  if (disorder !== null) flaws.push(flaw(line, "index", disorder));
  const process = fieldOf(map, "process", flaws);
  const type = fieldOf(map, "type", flaws);
  const typeName = type?.kind === "keyword" ? type.name : "";
  if (!isEventType(typeName)) flaws.push(flaw(line, "type", `${typeExpected("edn")}, not ${shown(type, "edn")}`));
  if (process?.kind === "keyword" && process.name === "nemesis") return;
  const scalar = process === null ? null : processOf(process);
  if (scalar === null)
    flaws.push(flaw(line, "process", `expected a whole number, a string or :nemesis, not ${shown(process, "edn")}`));
  const f = fieldOf(map, "f", flaws);
  if (f?.kind !== "keyword") flaws.push(flaw(line, "f", `expected an operation such as :read, not ${shown(f, "edn")}`));
  const key = fieldOf(map, "key", flaws);
  const value = fieldOf(map, "value", flaws);
  const error = fieldOf(map, "error", flaws);
  if (flaws.length > flawsBefore || scalar === null || f?.kind !== "keyword" || !isEventType(typeName)) return;
  const hasError = error !== null && error.kind !== "nil";
  const isReason = (typeName === "fail" || typeName === "info") && value?.kind === "keyword";
  events.push({ line, process: scalar, type: typeName, f: f.name, key, value, hasReason: hasError || isReason });
}

/** A field of a map; null where it is left out. */
function fieldOf({ line, entries }: EdnMap, name: NonNullable<HistoryFlaw["field"]>, flaws: HistoryFlaw[]): Edn | null {
  let found: Edn | null = null;
  for (const [key, value] of entries) {
    if (key.kind !== "keyword" || key.name !== name) continue;
    if (found !== null) flaws.push(flaw(line, name, "expected it once in this map, not again"));
    found = value;
  }
  return found;
}
