// The figures that the documentation names: `node web-demo/test/figures.mjs` after `make web`. Smallest of many, as a machine
// that does other things besides only ever makes things slower.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { Engine } from "../engine/js/engine.mjs";
import { load } from "../../wasm-host/js/host.mjs";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const site = join(root, "target/site");

function best(rounds, run) {
  let least = Infinity;
  for (let k = 0; k < rounds; k += 1) {
    const start = performance.now();
    run(k);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function sizes() {
  for (const name of ["gelcap_engine.wasm", "gelcap_wat.wasm", "app.js", "compiler-worker.js", "runner-worker.js"]) {
    const bytes = readFileSync(join(site, name));
    console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip`);
  }
}

async function compiling() {
  const engine = await Engine.load(readFileSync(join(site, "gelcap_engine.wasm")));
  const folder = join(root, "examples/kernels");
  for (const file of readdirSync(folder).sort()) {
    const source = readFileSync(join(folder, file), "utf8");
    // A comment makes it another text, or the answer would be the one that is remembered.
    const ms = best(30, (k) => engine.compile(`${source}# ${k}\n`));
    const { bytes } = engine.compile(source);
    console.log(`compile ${file}: ${ms.toFixed(2)} ms, ${source.split("\n").length - 1} lines, ${bytes.length} bytes of wasm`);
  }
  return engine;
}

const AXPY = `def axpy(a: float, x: "float64[::1]", y: "float64[::1]") -> None:
    for i in range(len(x)):
        y[i] = a * x[i] + y[i]

def total(x: "float64[::1]") -> float:
    s = 0.0
    for i in range(len(x)):
        s += x[i] * x[i] / (1.0 + x[i])
    return s

def add(a: float, b: float) -> float:
    return a + b
`;

async function speed(engine) {
  const made = engine.compile(AXPY);
  const { kernels, array } = await loaded(made);
  const n = 100_000;
  const x = array("float64", [n]);
  const y = array("float64", [n]);
  x.data.forEach((_, i, all) => (all[i] = i / n));
  const jx = x.data.slice();
  const jy = y.data.slice();
  const jsAxpy = (a) => {
    for (let i = 0; i < n; i += 1) {
      jy[i] = a * jx[i] + jy[i];
    }
  };
  const jsTotal = () => {
    let s = 0;
    for (let i = 0; i < n; i += 1) {
      s += (jx[i] * jx[i]) / (1 + jx[i]);
    }
    return s;
  };
  const row = (name, ours, theirs) => console.log(`${name}: ${(ours * 1000).toFixed(1)} us, plain JavaScript ${(theirs * 1000).toFixed(1)} us`);
  row("axpy, 1e5 elements", best(300, () => kernels.axpy(0.5, x, y)), best(300, () => jsAxpy(0.5)));
  row("sum of quotients, 1e5 elements", best(300, () => kernels.total(x)), best(300, () => jsTotal()));
  const calls = 100_000;
  const ms = best(20, () => {
    for (let k = 0; k < calls; k += 1) {
      kernels.add(k, 1);
    }
  });
  console.log(`calls of a small kernel: ${((calls / ms) / 1000).toFixed(1)} million a second, ${((ms / calls) * 1e6).toFixed(0)} ns each`);
}

async function loaded(made) {
  const module = await load(made.bytes, made.artifact);
  return { kernels: module.kernels, array: (dtype, shape) => module.array(dtype, shape) };
}

/** From navigation to the first picture of a compiled kernel. */
async function firstPixel() {
  const { url, stop } = await serve(site);
  for (const kind of ["cold", "warm"]) {
    let least = Infinity;
    for (let round = 0; round < 5; round += 1) {
      const browser = await launch();
      const page = await browser.newPage();
      for (let visit = 0; visit < (kind === "warm" ? 3 : 1); visit += 1) {
        await page.goto("about:blank");
        await page.goto(`${url}#sorting`, { waitUntil: "commit" });
        await page.waitForFunction(() => Number(document.body?.dataset.frames) > 0);
        const ms = await page.evaluate(() => Number(document.body.dataset.first));
        if (kind === "cold" || visit > 0) {
          least = Math.min(least, ms);
        }
      }
      await browser.close();
    }
    console.log(`navigation to first picture, ${kind}: ${least.toFixed(0)} ms`);
  }
  stop();
}

sizes();
await speed(await compiling());
await firstPixel();
