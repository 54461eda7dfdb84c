import type { Uid } from "./kinds/index.ts";

/** The characters of generated names: no vowels, no 0, 1 and 3 (apimachinery util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** The 32-bit hash FNV-1a of a text in UTF-8 (Go hash/fnv, New32a). */
export function fnv32a(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code < 0x80) {
      hash = Math.imul(hash ^ code, 0x01000193);
      continue;
    }
    for (const byte of utf8(code)) hash = Math.imul(hash ^ byte, 0x01000193);
    if (code > 0xffff) i++;
  }
  return hash >>> 0;
}

/** The text with its characters replaced by those of generated names (apimachinery util/rand, SafeEncodeString). */
export function safeEncode(text: string | number): string {
  let encoded = "";
  for (const character of String(text)) encoded += ALPHABET[character.charCodeAt(0) % ALPHABET.length]!;
  return encoded;
}

/**
 * The hash of a pod template, with which a ReplicaSet's name ends (controller_utils.go, ComputeHash). It is of the
 * template's canonical JSON, where the real one is of Go's dump of the structure: other text, same collisions.
 */
export function templateHash(template: unknown, collisionCount: number | null | undefined): string {
  const hash = fnv32a(canonicalJson(template));
  return safeEncode(
    collisionCount === null || collisionCount === undefined ? hash : fnv32a(`/${collisionCount}`, hash),
  );
}

/** JSON with the fields in the order of their names. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key as keyof object])}`).join(",")}}`;
}

/** A UID that is a function of the text: whoever makes it puts in what makes it unique. */
export function uidFrom(text: string): Uid {
  const hex = mixed(text)
    .map((word) => word.toString(16).padStart(8, "0"))
    .join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The five characters that end a generated name (apiserver storage/names, SimpleNameGenerator), as a function of the text. */
export function nameSuffix(text: string): string {
  const [one, two] = mixed(text);
  let rest = (one! * 2 ** 20 + (two! >>> 12)) % ALPHABET.length ** 5;
  let suffix = "";
  for (let i = 0; i < 5; i++) {
    suffix += ALPHABET[rest % ALPHABET.length]!;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return suffix;
}

/** Four words of 32 bits, well mixed (the public-domain hash cyrb128). */
function mixed(text: string): readonly number[] {
  let a = 1_779_033_703;
  let b = 3_144_134_277;
  let c = 1_013_904_242;
  let d = 2_773_480_762;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ code, 597_399_067);
    b = c ^ Math.imul(b ^ code, 2_869_860_233);
    c = d ^ Math.imul(c ^ code, 951_274_213);
    d = a ^ Math.imul(d ^ code, 2_716_044_179);
  }
  a = Math.imul(c ^ (a >>> 18), 597_399_067);
  b = Math.imul(d ^ (b >>> 22), 2_869_860_233);
  c = Math.imul(a ^ (c >>> 17), 951_274_213);
  d = Math.imul(b ^ (d >>> 19), 2_716_044_179);
  a ^= b ^ c ^ d;
  return [a >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

function utf8(code: number): readonly number[] {
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
}
