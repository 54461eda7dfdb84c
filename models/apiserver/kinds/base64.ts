const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The text in UTF-8 and base64 (RFC 4648, with padding). */
export function base64(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  let encoded = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [one, two, three] = [bytes[at]!, bytes[at + 1], bytes[at + 2]];
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    encoded += DIGITS[bits >> 18]! + DIGITS[(bits >> 12) & 63]!;
    encoded += two === undefined ? "=" : DIGITS[(bits >> 6) & 63]!;
    encoded += three === undefined ? "=" : DIGITS[bits & 63]!;
  }
  return encoded;
}

const PLAIN = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Where a text stops being base64, as Go counts (encoding/base64 CorruptInputError); -1: nowhere. */
export function base64Flaw(text: string): number {
  if (PLAIN.test(text)) return -1;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\n" || character === "\r") continue;
    if (DIGITS.includes(character)) {
      digits++;
      continue;
    }
    if (character !== "=" || digits % 4 < 2) return at;
    const rest = text.slice(at + 1).replace(/[\r\n]/g, "");
    const wanted = digits % 4 === 2 ? "=" : "";
    return rest === wanted ? -1 : rest === "" ? text.length : at + 1;
  }
  return digits % 4 === 0 ? -1 : text.length - (digits % 4);
}
