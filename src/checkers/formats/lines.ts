/** The formats of histories, told apart by how their lines look. */
export type HistoryFormat = "jepsen-log" | "edn" | "json-lines";

const NAMES: Readonly<Record<HistoryFormat, string>> = {
  "jepsen-log": "a line of a Jepsen log",
  edn: "an EDN map",
  "json-lines": "a JSON object",
};

/** The format of which a line seems to be, or null. */
export function formatOf(line: string): HistoryFormat | null {
  if (/^\s*[[(]*\s*\{/.test(line)) return /^[\s[]*\{\s*"/.test(line) ? "json-lines" : "edn";
  if (/\bjepsen\.util\b|^\s*(\d+|:nemesis)\s+:/.test(line)) return "jepsen-log";
  return /^\s*([[(;,]|#[_{A-Za-z])/.test(line) ? "edn" : null;
}

/** What is wrong with a line that is of another format than its file; null where it seems to be of the same. */
export function otherFormat(line: string, format: HistoryFormat): string | null {
  const looks = formatOf(line);
  return looks === null || looks === format
    ? null
    : `expected ${NAMES[format]}, as in the lines before, not ${NAMES[looks]}: a file has one format`;
}
