// Makes the site in target/site and the npm package in target/npm: the engine without names, the scripts bundled, the gallery's
// sources in one file. `make web` runs it after cargo. (wasm-opt -Oz takes a fifth off the engine's size but not off what is
// sent: with gzip it is larger, 788 to 757 KB.)

import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, "target/site");
const made = join(root, "target/wasm32-unknown-unknown/web");

/** The order of the gallery; what it does not name comes last. */
const ORDER = ["mandelbrot", "gray_scott", "heat", "convolution", "life", "n_body", "ray_casting", "integral", "sorting", "bug"];

/** A module without its custom sections: the names of functions are half of it. */
function stripped(module) {
  const kept = [module.subarray(0, 8)];
  let at = 8;
  while (at < module.length) {
    const start = at;
    const id = module[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        break;
      }
    }
    at += length;
    if (id !== 0) {
      kept.push(module.subarray(start, at));
    }
  }
  return Buffer.concat(kept);
}

function small(name) {
  const bytes = stripped(readFileSync(join(made, `${name}.wasm`)));
  writeFileSync(join(out, `${name}.wasm`), bytes);
  console.log(`${name}.wasm: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip`);
}

function gallery() {
  const folder = join(root, "examples/kernels");
  const rank = (id) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  const ids = readdirSync(folder).filter((f) => f.endsWith(".py")).map((f) => f.slice(0, -3));
  ids.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return ids.map((id) => {
    const source = readFileSync(join(folder, `${id}.py`), "utf8");
    return { id, title: /^# title: (.*)$/m.exec(source)?.[1] ?? id, source };
  });
}

/** The package for npm: the engine, its host, types and licences. */
function npm() {
  const folder = join(root, "target/npm");
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "README.md", "js/engine.mjs", "js/engine.d.ts", "js/wat.mjs", "js/wat.d.ts"]) {
    cpSync(join(here, "engine", file), join(folder, basename(file)));
  }
  for (const file of ["host.mjs", "host.d.ts", "arena.mjs", "errors.mjs", "values.mjs"]) {
    cpSync(join(root, "wasm-host/js", file), join(folder, file));
  }
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    cpSync(join(root, file), join(folder, file));
  }
  for (const file of ["gelcap_engine.wasm", "gelcap_wat.wasm"]) {
    cpSync(join(out, file), join(folder, file));
  }
}

mkdirSync(out, { recursive: true });
small("gelcap_engine");
small("gelcap_wat");
npm();
for (const file of ["index.html", "style.css", "icon.svg"]) {
  cpSync(join(here, "site", file), join(out, file));
}
writeFileSync(join(out, "gallery.json"), JSON.stringify(gallery()));
await build({
  entryPoints: {
    app: join(here, "site/app.mjs"),
    "compiler-worker": join(here, "site/compiler-worker.mjs"),
    "runner-worker": join(here, "site/runner-worker.mjs"),
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "eof",
});
// As one value, to be put into modules that are downloaded.
await build({
  entryPoints: { host: join(root, "wasm-host/js/host.mjs") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "gelcapHost",
  target: "es2022",
});
for (const file of ["app.js", "compiler-worker.js", "runner-worker.js", "host.js"]) {
  const bytes = readFileSync(join(out, file));
  console.log(`${file}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip`);
}
