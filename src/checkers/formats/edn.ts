/**
 * A reader of EDN, the notation of Clojure's data (github.com/edn-format/edn), and of the values of histories in general:
 * values that come from JSON are shown in it, too.
 */

/** A value, and the line on which it begins. */
export type Edn = { readonly line: number } & (
  | { readonly kind: "nil" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** Digits without a needless sign or zeros, however many. */
  | { readonly kind: "whole"; readonly text: string }
  /** A number with a fraction or an exponent, as it is written. */
  | { readonly kind: "fraction"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "character"; readonly name: string }
  /** Without its colon. */
  | { readonly kind: "keyword"; readonly name: string }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "list" | "vector" | "set"; readonly items: readonly Edn[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [key: Edn, value: Edn])[] }
  | { readonly kind: "tagged"; readonly tag: string; readonly value: Edn }
);

/** A value without its line. */
type Bare<T = Edn> = T extends Edn ? Omit<T, "line"> : never;

/** A text is not EDN: on this line. */
export class EdnSyntaxError extends Error {
  override readonly name = "EdnSyntaxError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const DEPTH_MAX = 100;
const SPACE = /[\s,]/;
const LINE_FEED = 10;
const SEMICOLON = 59;
/** What ends a number, a name or a keyword. */
const DELIMITER = /[\s,()[\]{}";]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  r: "\r",
  n: "\n",
  b: "\b",
  f: "\f",
  "\\": "\\",
  '"': '"',
};
const CLOSED_BY = { "(": ")", "[": "]", "{": "}" } as const;
const NAMES = { "(": "list", "[": "vector", "{": "map", "#{": "set" } as const;

/** Reads the forms of a text one after the other. */
export class EdnReader {
  readonly #text: string;
  #at = 0;
  #line: number;
  #depth = 0;

  /** @param line the number of the text's first line */
  constructor(text: string, line = 1) {
    this.#text = text;
    this.#line = line;
  }

  /**
   * The next form, or null at the end of the text.
   *
   * @throws EdnSyntaxError when there is none
   */
  next(): Edn | null {
    this.#depth = 0;
    return this.#form();
  }

  /** What follows the forms that were read. */
  rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Goes on at the next line that begins with a `{`, after a form that could not be read or was not expected. */
  skipToNextMap(): void {
    const next = this.#text.indexOf("\n{", this.#at);
    this.#moveTo(next < 0 ? this.#text.length : next + 1);
  }

  /** A form, or null where the text ends or what surrounds the form is closed. */
  #form(): Edn | null {
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || char === ")" || char === "]" || char === "}") {
        if (char !== undefined && this.#depth === 0)
          throw new EdnSyntaxError(this.#line, `expected a form, not ${char}, which closes nothing`);
        return null;
      }
      if (!this.#text.startsWith("#_", this.#at)) return this.#formFrom(char);
      this.#at += 2;
      const line = this.#line;
      if (this.#inner() === null) throw new EdnSyntaxError(line, "expected a form after #_");
    }
  }

  #formFrom(char: string): Edn {
    const line = this.#line;
    switch (char) {
      case "{":
        return { line, kind: "map", entries: this.#pairs(line, this.#items("{")) };
      case "[":
      case "(":
        return { line, kind: NAMES[char], items: this.#items(char) };
      case '"':
        return { line, kind: "string", value: this.#string() };
      case "\\":
        return { line, kind: "character", name: this.#character() };
      case "#":
        return this.#dispatch();
      default:
        return { line, ...this.#atom(this.#token()) };
    }
  }

  #items(open: "(" | "[" | "{" | "#{"): Edn[] {
    const line = this.#line;
    this.#at += open.length;
    const close = CLOSED_BY[open === "#{" ? "{" : open];
    const items: Edn[] = [];
    this.#enter();
    for (let item = this.#form(); item !== null; item = this.#form()) items.push(item);
    this.#depth--;
    const char = this.#text[this.#at];
    if (char === undefined)
      throw new EdnSyntaxError(
        line,
        `expected a ${close} that closes this ${NAMES[open]}, not the end of the file: was it cut short?`,
      );
    if (char !== close)
      throw new EdnSyntaxError(
        this.#line,
        `expected a ${close} that closes the ${NAMES[open]} of line ${line}, not ${char}`,
      );
    this.#at++;
    return items;
  }

  #pairs(line: number, items: readonly Edn[]): [Edn, Edn][] {
    if (items.length % 2 === 1)
      throw new EdnSyntaxError(
        line,
        `expected a value for each key of this map, not ${items.length} forms: is one missing?`,
      );
    const pairs: [Edn, Edn][] = [];
    for (let i = 0; i < items.length; i += 2) pairs.push([items[i]!, items[i + 1]!]);
    return pairs;
  }

  #string(): string {
    const line = this.#line;
    const parts: string[] = [];
    this.#at++;
    for (;;) {
      const from = this.#at;
      while (this.#at < this.#text.length && this.#text[this.#at] !== '"' && this.#text[this.#at] !== "\\") {
        if (this.#text[this.#at] === "\n") this.#line++;
        this.#at++;
      }
      parts.push(this.#text.slice(from, this.#at));
      const char = this.#text[this.#at++];
      if (char === '"') return parts.join("");
      if (char === undefined)
        throw new EdnSyntaxError(line, `expected a " that closes this string, not the end: was the file cut short?`);
      parts.push(this.#escape());
    }
  }

  #escape(): string {
    const char = this.#text[this.#at++] ?? "";
    const plain = ESCAPES[char];
    if (plain !== undefined) return plain;
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (char !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex))
      throw new EdnSyntaxError(
        this.#line,
        `expected an escape of EDN (\\t \\r \\n \\b \\f \\\\ \\" \\uXXXX), not \\${char}`,
      );
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #character(): string {
    const first = this.#text[this.#at + 1] ?? "";
    if (first === "" || SPACE.test(first)) throw new EdnSyntaxError(this.#line, "expected a character after \\");
    this.#at += 2;
    return first + this.#token();
  }

  #dispatch(): Edn {
    const line = this.#line;
    const char = this.#text[this.#at + 1] ?? "";
    if (char === "{") return { line, kind: "set", items: this.#items("#{") };
    if (char === "#") {
      this.#at += 2;
      return { line, kind: "fraction", text: `##${this.#token()}` };
    }
    if (!/^[A-Za-z]/.test(char))
      throw new EdnSyntaxError(line, `expected a tag, a set or #_ after #, not ${JSON.stringify(char)}`);
    this.#at++;
    const tag = this.#token();
    const value = this.#inner();
    if (value === null) throw new EdnSyntaxError(line, `expected a value after the tag #${tag}`);
    return { line, kind: "tagged", tag, value };
  }

  #atom(token: string): Bare {
    if (token === "nil") return { kind: "nil" };
    if (token === "true" || token === "false") return { kind: "boolean", value: token === "true" };
    if (token.startsWith(":")) {
      if (!/^:[^:]/.test(token))
        throw new EdnSyntaxError(this.#line, `expected a keyword such as :read, not ${JSON.stringify(token)}`);
      return { kind: "keyword", name: token.slice(1) };
    }
    if (/^[+-]?\d/.test(token)) return this.#number(token);
    if (/^[A-Za-z.*+!\-_?$%&=<>/][\w.*+!\-?$%&=<>:#/]*$/.test(token)) return { kind: "symbol", name: token };
    throw new EdnSyntaxError(this.#line, `expected a form of EDN, not ${JSON.stringify(token)}`);
  }

  #number(token: string): Bare {
    const whole = /^([+-]?)(0|[1-9]\d*)N?$/.exec(token);
    if (whole !== null) return { kind: "whole", text: `${whole[1] === "-" && whole[2] !== "0" ? "-" : ""}${whole[2]}` };
    if (/^[+-]?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?M?$/.test(token)) return { kind: "fraction", text: token };
    throw new EdnSyntaxError(this.#line, `expected a number, not ${JSON.stringify(token)}`);
  }

  /** As far as the next delimiter. */
  #token(): string {
    DELIMITER.lastIndex = this.#at;
    const end = DELIMITER.exec(this.#text)?.index ?? this.#text.length;
    const token = this.#text.slice(this.#at, end);
    this.#at = end;
    return token;
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX)
      throw new EdnSyntaxError(this.#line, `expected at most ${DEPTH_MAX} forms inside each other`);
  }

  /** A form that belongs to what stands before it. */
  #inner(): Edn | null {
    this.#enter();
    const form = this.#form();
    this.#depth--;
    return form;
  }

  /** White space, commas and comments. */
  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === LINE_FEED) this.#line++;
      else if (code === SEMICOLON) {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = (end < 0 ? this.#text.length : end) - 1;
      } else if (!isSpace(code)) return;
    }
  }

  #moveTo(at: number): void {
    for (let i = this.#text.indexOf("\n", this.#at); i >= 0 && i < at; i = this.#text.indexOf("\n", i + 1))
      this.#line++;
    this.#at = at;
  }
}

/** White space, and the comma, which EDN takes for it. */
function isSpace(code: number): boolean {
  return code < 128 ? code === 32 || code === 44 || (code >= 9 && code <= 13) : SPACE.test(String.fromCharCode(code));
}

/** How values are written in a kind of file. */
export type Notation = "edn" | "json";

/** A value as it is written; equal for equal values, and different for different ones. */
export function print(value: Edn, notation: Notation = "edn"): string {
  const list = (items: readonly Edn[]) =>
    items.map((item) => print(item, notation)).join(notation === "edn" ? " " : ",");
  switch (value.kind) {
    case "nil":
      return notation === "edn" ? "nil" : "null";
    case "boolean":
      return String(value.value);
    case "whole":
    case "fraction":
      return value.text;
    case "string":
      return JSON.stringify(value.value);
    case "character":
      return `\\${value.name}`;
    case "keyword":
      return `:${value.name}`;
    case "symbol":
      return value.name;
    case "list":
      return `(${list(value.items)})`;
    case "vector":
      return `[${list(value.items)}]`;
    case "set":
      return `#{${list(value.items)}}`;
    case "map":
      return `{${value.entries.map((entry) => list(entry)).join(", ")}}`;
    case "tagged":
      return `#${value.tag} ${print(value.value, notation)}`;
  }
}
