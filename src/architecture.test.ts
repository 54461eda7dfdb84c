import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));

/** The layers, lowest first. A file imports from its own layer and from lower ones. */
const LAYERS: readonly (readonly [name: string, matches: RegExp])[] = [
  ["models/kernel", /^models\/kernel\//],
  ["models/machinery", /^models\/machinery\//],
  ["models", /^models\//],
  ["src/simulator", /^src\/simulator\//],
  ["src/checkers", /^src\/checkers\//],
  ["properties", /^properties\//],
  ["src/harness", /^src\/harness\//],
  ["src/manifests", /^src\/manifests\//],
  ["src/suites", /^src\/suites\//],
  ["src/reporters", /^src\/reporters\//],
  ["src/cli and src/bench", /^src\/(cli|bench)\//],
];

/** What models share: their code may be used by any of those above. */
const LIBRARIES = ["kernel", "machinery"];

const files = ["models", "src", "properties", "scenarios"]
  .flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => /\.(ts|mjs)$/.test(file) && !/\.d\.ts$/.test(file))
  .sort();
const sources = files.filter((file) => !file.endsWith(".test.ts"));

function read(file: string): string {
  return readFileSync(join(top, file), "utf8");
}

function importsOf(file: string): string[] {
  const found = read(file).matchAll(/(?:from|import\()\s*"([^"]+)"/g);
  return [...found].map(([, specifier]) =>
    specifier!.startsWith(".") ? relative(top, normalize(join(top, dirname(file), specifier!))) : specifier!,
  );
}

function layerOf(file: string): number {
  return LAYERS.findIndex(([, matches]) => matches.test(file));
}

/** The source without comments and the content of strings, in which words mean nothing. */
function codeOf(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

describe("architecture", () => {
  test.each(sources)("%s imports from its own layer and lower ones", (file) => {
    const layer = layerOf(file);
    expect(layer, `${file} belongs to no layer`).toBeGreaterThanOrEqual(0);
    for (const imported of importsOf(file).filter((name) => layerOf(name) >= 0))
      expect(layerOf(imported), `${file} imports ${imported}`).toBeLessThanOrEqual(layer);
  });

  test("a model imports nothing from outside, and of another model only types", () => {
    for (const file of sources.filter((name) => name.startsWith("models/"))) {
      const model = file.split("/")[1]!;
      for (const imported of importsOf(file)) {
        expect(imported, `${file} imports ${imported}`).toMatch(/^models\//);
        const other = imported.split("/")[1]!;
        if (other === model || LIBRARIES.includes(other)) continue;
        expect(imported, `${file}`).toMatch(/\/types\.ts$/);
      }
    }
  });

  test("clocks, chance and the environment are for the command line and the benchmarks alone", () => {
    const forbidden =
      /\b(Math\.random|Date\b|performance\.|process\.(env|argv|hrtime|exit|memoryUsage|cwd)|setTimeout|setInterval)/;
    for (const file of sources.filter((name) => !/^src\/(cli|bench)\//.test(name)))
      expect(codeOf(file).match(forbidden)?.[0], file).toBeUndefined();
  });

  test("only the command line and the benchmarks use node's own modules", () => {
    for (const file of sources.filter((name) => !/^src\/(cli|bench)\//.test(name)))
      expect(
        importsOf(file).filter((name) => name.startsWith("node:")),
        file,
      ).toEqual([]);
  });

  test("models keep no state in a module", () => {
    for (const file of sources.filter((name) => name.startsWith("models/")))
      expect(codeOf(file).match(/^(export )?let .*$/m)?.[0], file).toBeUndefined();
  });

  test("fast-check is used behind one module", () => {
    for (const file of sources.filter((name) => name !== "src/harness/fast-check.ts"))
      expect(importsOf(file), file).not.toContain("fast-check");
  });

  test("files stay small", () => {
    for (const file of sources) expect(read(file).split("\n").length, file).toBeLessThanOrEqual(600);
  });
});
