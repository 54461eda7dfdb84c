#!/usr/bin/env node
// The program. It only prepares for TypeScript: everything else is in main.ts.
import module from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`seatrial needs Node.js 20.19 or newer; this is ${process.versions.node}\n`);
  process.exit(2);
}
// Newer versions of Node.js start faster from their cache of compiled code.
module.enableCompileCache?.();
await import("./packages.mjs");
const { register } = await import("tsx/esm/api");
register({ tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)) });
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
