/**
 * What names, labels and the like may be, in the words of the API (apimachinery util/validation). Each check returns the
 * messages of what is wrong; none: it is right.
 */
import { legacyIpFlaws } from "../../machinery/net/index.ts";

const NONE: readonly string[] = [];

/** util/validation RegexError. */
function regexMessage(message: string, format: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (e.g. ${shown}regex used for validation is '${format}')`;
}

/** util/validation MaxLenError. */
function maxLength(bytes: number): string {
  return `must be no more than ${bytes} bytes`;
}

const LABEL_FORMAT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN_FORMAT = `${LABEL_FORMAT}(\\.${LABEL_FORMAT})*`;
const LABEL = new RegExp(`^${LABEL_FORMAT}$`);
const SUBDOMAIN = new RegExp(`^${SUBDOMAIN_FORMAT}$`);
const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_FORMAT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const QUALIFIED = new RegExp(`^${QUALIFIED_FORMAT}$`);
const LABEL_VALUE = new RegExp(`^(${QUALIFIED_FORMAT})?$`);

const LABEL_MESSAGE = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_FORMAT,
  ["my-name", "123-abc"],
);
const SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_FORMAT,
  ["example.com"],
);
const DNS_1035_MESSAGE = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  "[a-z]([-a-z0-9]*[a-z0-9])?",
  ["my-name", "abc-123"],
);
const QUALIFIED_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_EXAMPLES = ["MyName", "my.name", "123-abc"];
const LABEL_VALUE_MESSAGE = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${QUALIFIED_FORMAT})?`,
  ["MyValue", "my_value", "12345"],
);

function check(value: string, pattern: RegExp, message: string, most: number): readonly string[] {
  if (value.length <= most && pattern.test(value)) return NONE;
  const messages = value.length > most ? [maxLength(most)] : [];
  return pattern.test(value) ? messages : [...messages, message];
}

/** IsDNS1123Label. */
export function dnsLabel(value: string): readonly string[] {
  return check(value, LABEL, LABEL_MESSAGE, 63);
}

/** IsDNS1123Subdomain. */
export function dnsSubdomain(value: string): readonly string[] {
  return check(value, SUBDOMAIN, SUBDOMAIN_MESSAGE, 253);
}

/** IsDNS1035Label. */
export function dns1035Label(value: string): readonly string[] {
  return check(value, DNS_1035, DNS_1035_MESSAGE, 63);
}

/** IsQualifiedName: a name with an optional DNS subdomain and `/` before it. */
export function qualifiedName(value: string): readonly string[] {
  const parts = value.split("/");
  if (parts.length > 2)
    return [
      `${regexMessage(`a qualified name ${QUALIFIED_WORDS}`, QUALIFIED_FORMAT, QUALIFIED_EXAMPLES)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const messages: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === "") messages.push("prefix part must be non-empty");
    else for (const message of dnsSubdomain(prefix)) messages.push(`prefix part ${message}`);
  }
  const name = parts[parts.length - 1]!;
  if (name === "") messages.push("name part must be non-empty");
  else if (name.length > 63) messages.push(`name part ${maxLength(63)}`);
  if (!QUALIFIED.test(name))
    messages.push(`name part ${regexMessage(QUALIFIED_WORDS, QUALIFIED_FORMAT, QUALIFIED_EXAMPLES)}`);
  return messages.length === 0 ? NONE : messages;
}

/** IsValidLabelValue. */
export function labelValue(value: string): readonly string[] {
  return check(value, LABEL_VALUE, LABEL_VALUE_MESSAGE, 63);
}

/** IsValidPortName: an IANA service name. */
export function portName(value: string): readonly string[] {
  const messages: string[] = [];
  if (value.length > 15) messages.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(value))
    messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) messages.push("must contain at least one letter (a-z)");
  if (value.includes("--")) messages.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) messages.push("must not begin or end with a hyphen");
  return messages;
}

/** IsValidPortNum. */
export function portNumber(value: number): readonly string[] {
  return value >= 1 && value <= 65535 ? NONE : ["must be between 1 and 65535, inclusive"];
}

/** IsConfigMapKey. */
export function configKey(value: string): readonly string[] {
  const messages: string[] = [];
  if (value.length > 253) messages.push(maxLength(253));
  if (!/^[-._a-zA-Z0-9]+$/.test(value))
    messages.push(
      regexMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", [
        "key.name",
        "KEY_NAME",
        "key-name",
      ]),
    );
  if (value === ".") messages.push("must not be '.'");
  if (value === "..") messages.push("must not be '..'");
  else if (value.startsWith("..")) messages.push("must not start with '..'");
  return messages;
}

/** IsRelaxedEnvVarName. */
export function environmentName(value: string): readonly string[] {
  const printable = /^[ -<>-~]+$/.test(value);
  return printable
    ? NONE
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** IsValidPercent. */
export function percent(value: string): readonly string[] {
  return /^[0-9]+%$/.test(value)
    ? NONE
    : [
        regexMessage("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", [
          "1%",
          "93%",
        ]),
      ];
}

/** IsValidIPForLegacyField. */
export function ipAddress(value: string): readonly string[] {
  return legacyIpFlaws(value);
}
