// Writes graphiql.min.js, graphiql.min.css and LICENSES.txt into the Python package.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const target = "../../src/backoffice_api/web/static/graphiql";

const { metafile } = await build({
  entryPoints: { "graphiql.min": "entry.js" },
  outdir: target,
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  globalName: "Playground",
  target: "es2020",
  charset: "utf8",
  legalComments: "none", // LICENSES.txt has them in full
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "react-style-singleton": "./no-inline-style.js" },
});

const packages = new Set();
for (const { inputs } of Object.values(metafile.outputs)) {
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const folder = path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
    if (folder && bytesInOutput > 0) packages.add(folder);
  }
}

// A few packages name the MIT licence and its owner in package.json and carry no text of it.
const mitTerms = readFileSync("node_modules/graphiql/LICENSE", "utf8").match(
  /Permission is hereby granted[^]*/,
)[0];

const texts = [...packages].sort().map((folder) => {
  const { name, version, license, author, repository } = JSON.parse(
    readFileSync(`${folder}/package.json`, "utf8"),
  );
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (!file && license !== "MIT") throw new Error(`${name} has no licence text`);
  const owner = author?.name ?? author ?? `the authors of ${repository?.url ?? name}`;
  const text = file
    ? readFileSync(`${folder}/${file}`, "utf8")
    : `MIT License\n\nCopyright (c) ${owner}\n\n${mitTerms}`;
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
});
writeFileSync(
  `${target}/LICENSES.txt`,
  `graphiql.min.js and graphiql.min.css contain these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`,
);
