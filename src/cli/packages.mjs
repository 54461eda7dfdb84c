// Packages that are JavaScript already. Loaded before tsx is, they are spared its hooks: those cost a second of CPU for
// the hundred modules of effect, at the start of the program and of each worker.
import "commander";
import "effect/Effect";
import "effect/Schema";
import "effect/SchemaIssue";
import "fast-check";
import "yaml";
