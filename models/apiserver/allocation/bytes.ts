const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes in base64 with padding (RFC 4648). */
export function bytesToBase64(bytes: readonly number[]): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const digits = Math.min(3, bytes.length - at) + 1;
    for (let place = 0; place < 4; place++) text += place < digits ? DIGITS[(bits >> (18 - 6 * place)) & 63]! : "=";
  }
  return text;
}

/** The bytes of a text in base64. What is no digit is skipped. */
export function bytesFromBase64(text: string): readonly number[] {
  const bytes: number[] = [];
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) continue;
    bits = ((bits << 6) | digit) & 0xffff;
    length += 6;
    if (length < 8) continue;
    length -= 8;
    bytes.push((bits >> length) & 255);
  }
  return bytes;
}
