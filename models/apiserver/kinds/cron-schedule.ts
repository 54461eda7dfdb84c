/** What a schedule may be, in the words of its parser (robfig/cron v3 parser.go, ParseStandard). */

const FIELDS = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  {
    least: 1,
    most: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

type Field = (typeof FIELDS)[number];

const DESCRIPTORS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const DURATION = /^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$/;

/** Why a schedule does not parse; null: it does. */
export function scheduleError(schedule: string): string | null {
  const spec = schedule.replace(/^(CRON_)?TZ=\S+\s*/, "");
  if (spec.startsWith("@")) return descriptorError(spec);
  const parts = spec.split(/\s+/).filter((part) => part !== "");
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [index, part] of parts.entries())
    for (const range of part.split(",").filter((one) => one !== "")) {
      const error = rangeError(range, FIELDS[index]!);
      if (error !== null) return error;
    }
  return null;
}

function descriptorError(spec: string): string | null {
  if (DESCRIPTORS.includes(spec)) return null;
  const every = "@every ";
  if (!spec.startsWith(every)) return `unrecognized descriptor: ${spec}`;
  const duration = spec.slice(every.length);
  return DURATION.test(duration)
    ? null
    : `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(duration)}`;
}

/** getRange: `number`, `number-number`, each with a step behind `/`; `*` and `?` for all. */
function rangeError(expression: string, field: Field): string | null {
  const [range, step, ...tooMany] = expression.split("/");
  const bounds = range!.split("-");
  if (bounds.length > 2) return `too many hyphens: ${expression}`;
  if (tooMany.length > 0) return `too many slashes: ${expression}`;
  let from: number | string = field.least;
  let to: number | string = field.most;
  if (bounds[0] !== "*" && bounds[0] !== "?") {
    from = numberOf(bounds[0]!, field, expression);
    if (typeof from === "string") return from;
    to = bounds.length === 2 ? numberOf(bounds[1]!, field, expression) : step === undefined ? from : field.most;
    if (typeof to === "string") return to;
  }
  if (step !== undefined) {
    const every = plainNumber(step, expression);
    if (typeof every === "string") return every;
    if (every === 0) return `step of range should be a positive number: ${expression}`;
  }
  if (from < field.least) return `beginning of range (${from}) below minimum (${field.least}): ${expression}`;
  if (to > field.most) return `end of range (${to}) above maximum (${field.most}): ${expression}`;
  if (from > to) return `beginning of range (${from}) beyond end of range (${to}): ${expression}`;
  return null;
}

/** parseIntOrName: the number, or what is wrong with it. */
function numberOf(text: string, field: Field, expression: string): number | string {
  const named = (field.names as readonly string[]).indexOf(text.toLowerCase());
  return named >= 0 ? named + field.least : plainNumber(text, expression);
}

function plainNumber(text: string, expression: string): number | string {
  if (/^-[0-9]+$/.test(text)) return `negative number (${text}) not allowed: ${expression}`;
  if (/^\+?[0-9]+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
