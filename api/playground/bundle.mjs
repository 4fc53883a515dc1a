// Bundles the full page: `node bundle.mjs OUT`. Every file that the page asks for ends up flat in OUT, the big
// ones as `.gz` only: kept both ways they would put 8 MB more into the program.
// api/build.rs runs this in a copy of this folder; by hand it is `npm run bundle`.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const out = process.argv[2] ?? "dist";
const worthCompressing = 2048;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const shared = {
  bundle: true,
  minify: true,
  outdir: out,
  entryNames: "[name]",
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  target: ["chrome109", "firefox115", "safari16"],
  legalComments: "linked",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"production"' },
};

await build({
  ...shared,
  entryPoints: { main: "src/main.jsx" },
  format: "esm",
  splitting: true,
  jsx: "automatic",
  loader: { ".ttf": "file" },
  // GraphiQL imports these two by their old names, which lead to a format without named exports.
  alias: {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
});

await build({
  ...shared,
  entryPoints: {
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  format: "iife",
});

copyFileSync("src/index.html", join(out, "index.html"));
copyFileSync("plain/icon.svg", join(out, "icon.svg"));

// The style sheets of lazily loaded parts are all contained in main.css; nothing asks for them alone.
for (const file of readdirSync(out)) {
  if (file.endsWith(".css") && file !== "main.css") rmSync(join(out, file));
}

for (const file of readdirSync(out)) {
  const bytes = readFileSync(join(out, file));
  if (bytes.length >= worthCompressing && !file.endsWith(".gz")) {
    writeFileSync(join(out, `${file}.gz`), gzipSync(bytes, { level: 9 }));
    rmSync(join(out, file));
  }
}
