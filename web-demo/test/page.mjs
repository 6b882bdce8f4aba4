// The page in a browser: typing, mending, running, stopping, sharing, downloading, and what people with a keyboard or a screen
// reader meet. `make test-web` runs it; the first thing that is wrong ends it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { load } from "../../wasm-host/js/host.mjs";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const { url, stop } = await serve(join(root, "target/site"));
const browser = await launch();
const folder = mkdtempSync(join(tmpdir(), "gelcap-page-"));
const complaints = [];
const WAIT = { timeout: 60_000 };

const page = await browser.newPage();
await page.setViewportSize({ width: 1280, height: 900 });
page.on("console", (m) => m.type() === "error" && complaints.push(`console: ${m.text()}`));
page.on("pageerror", (e) => complaints.push(`page: ${e.message}`));
page.on("request", (r) => !r.url().startsWith(url) && !/^(blob|data):/.test(r.url()) && complaints.push(`request to ${r.url()}`));

const frames = () => page.evaluate(() => Number(document.body.dataset.frames));
const open = async (hash) => {
  await page.goto("about:blank");
  await page.goto(`${url}#${hash}`);
};
const drawn = (count) => page.waitForFunction((n) => Number(document.body.dataset.frames) >= n, count, WAIT);
const type = async (source) => {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(source);
};
const said = (kind, text) =>
  page.waitForFunction(([k, t]) => {
    const status = document.getElementById("status");
    return status.className === k && status.textContent.includes(t);
  }, [kind, text], WAIT);
/** How many colours the picture has. */
const colours = () =>
  page.evaluate(() => {
    const canvas = document.getElementById("canvas");
    const data = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(data).size;
  });

const tests = {
  async "every program of the gallery draws"() {
    const gallery = JSON.parse(readFileSync(join(root, "target/site/gallery.json"), "utf8"));
    assert.ok(gallery.length >= 10);
    for (const { id } of gallery) {
      await open(id);
      if (id === "bug") {
        await page.waitForSelector("#exception:not([hidden])", WAIT);
        assert.match(await page.textContent("#exception"), /line 11, in frame\nIndexError: index 160 is out of bounds/);
        assert.match(await page.textContent(".cm-raised"), /column \+ 1/);
        continue;
      }
      await drawn(1);
      assert.ok((await colours()) >= 2, `${id} draws`);
      assert.ok(await page.isHidden("#exception"), `${id} raises nothing`);
    }
  },

  async "a bug is mended and the kernel runs on"() {
    await open("bug");
    await page.waitForSelector("#exception:not([hidden])", WAIT);
    const source = readFileSync(join(root, "examples/kernels/bug.py"), "utf8");
    await type(source.replace("column + 1, 1", "column, 1"));
    await drawn(1);
    assert.ok(await page.isHidden("#exception"));
  },

  async "a problem is shown in the text, with its help, and goes when it is mended"() {
    await open("life");
    await drawn(1);
    await type("def frame(x: float) -> float:\n    return y\n");
    await said("bad", "1 problem");
    await page.waitForSelector(".cm-lintRange-error", WAIT);
    assert.match(await page.textContent("#problems"), /line 2: .*`?y`?/);
    await page.click("#problems button");
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains("cm-content")));
    await type("def frame(x: float) -> float:\n    return x * 3.0\n");
    await said("good", "Compiled");
    assert.equal(await page.locator("#problems li").count(), 0);
    await page.waitForFunction(() => document.getElementById("result").textContent.includes("1.5"), null, WAIT);
  },

  async "types appear under the pointer"() {
    await open("n_body");
    await said("good", "Compiled");
    await page.locator(".cm-line", { hasText: "dt = 0.02" }).getByText("dt", { exact: false }).hover({ position: { x: 40, y: 8 } });
    await page.waitForSelector(".cm-type", WAIT);
    assert.match(await page.textContent(".cm-type"), /float/);
  },

  async "a random kernel gives what CPython gives"() {
    const pick = (items) => items[Math.floor(Math.random() * items.length)];
    const term = (depth) =>
      depth === 0
        ? pick(["x", "k", "s", "2.5", "-3", "0.125"])
        : `(${term(depth - 1)} ${pick(["+", "-", "*", "//", "%", "/"])} ${pick([term(depth - 1), "7", "1.5"])})`;
    for (let round = 0; round < 3; round += 1) {
      const body = [1, 2].map(() => `        s = s * 0.5 + ${term(2)}`).join("\n");
      const source = `def frame(x: float, n: int) -> float:\n    s = 1.0\n    for k in range(1, n):\n${body}\n    return s\n`;
      await open("life");
      await drawn(1);
      await type(source);
      await page.waitForFunction(() => document.querySelector("label[for=slider-n]") !== null, null, WAIT);
      await page.waitForFunction(() => /frame\(\) →/.test(document.getElementById("result").textContent)
        || !document.getElementById("exception").hidden, null, WAIT);
      const raised = await page.isVisible("#exception");
      const seen = raised
        ? (await page.textContent("#exception")).trim().split("\n").at(-1)
        : (await page.textContent("#result")).replace("frame() → ", "");
      const python = `${source}\ntry:\n    print(repr(frame(0.5, 10)))\nexcept Exception as e:\n    print(f"{type(e).__name__}: {e}")\n`;
      const { stdout } = spawnSync("python3", ["-c", python], { encoding: "utf8" });
      const same = raised ? seen === stdout.trim() : Object.is(Number(seen), Number(stdout.trim().replace("inf", "Infinity")));
      assert.ok(same, `${source}\nhere ${seen}, CPython ${stdout}`);
    }
  },

  async "an endless loop is stopped, and the page answers meanwhile"() {
    await open("life");
    await drawn(1);
    await type("def frame(x: float) -> float:\n    while x < 2.0:\n        x = x * 0.5\n    return x\n");
    await said("good", "Compiled");
    await page.waitForTimeout(300);
    const start = Date.now();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    assert.ok(Date.now() - start < 2000, "the page answers");
    await page.click("#stop");
    assert.equal(await page.textContent("#rate"), "Stopped.");
    await type("def frame(x: float) -> float:\n    return x\n");
    await page.waitForFunction(() => document.getElementById("result").textContent.includes("0.5"), null, WAIT);
  },

  async "run, pause and step do what they say"() {
    await open("life");
    await drawn(5);
    await page.click("#toggle");
    await page.waitForTimeout(500);
    const paused = await frames();
    await page.waitForTimeout(400);
    assert.equal(await frames(), paused);
    await page.click("#step");
    await page.waitForFunction((n) => Number(document.body.dataset.frames) === n, paused + 1, WAIT);
    await page.click("#toggle");
    await drawn(paused + 4);
  },

  async "a slider changes the picture"() {
    await open("mandelbrot");
    await drawn(1);
    const before = await colours();
    await page.locator("#slider-limit").fill("20");
    await drawn(2);
    assert.notEqual(await colours(), before);
  },

  async "the wheel zooms and dragging moves"() {
    await open("mandelbrot");
    await drawn(1);
    const picture = () => page.evaluate(() => document.getElementById("canvas").toDataURL());
    const before = await picture();
    await page.hover("#canvas", { position: { x: 100, y: 100 } });
    await page.mouse.wheel(0, -400);
    await drawn(2);
    await page.waitForFunction((b) => document.getElementById("canvas").toDataURL() !== b, before, WAIT);
    const zoomed = await picture();
    await page.mouse.down();
    await page.mouse.move(500, 300, { steps: 3 });
    await page.mouse.up();
    await page.waitForFunction((b) => document.getElementById("canvas").toDataURL() !== b, zoomed, WAIT);
  },

  async "every panel shows its stage"() {
    await open("sorting");
    await drawn(1);
    for (const [tab, text] of [["types", ": float"], ["passes", "level "], ["wat", "(module"], ["times", "front-end"]]) {
      await page.click(`#tab-${tab}`);
      await page.waitForFunction((t) => document.getElementById("panel").textContent.includes(t), text, WAIT);
    }
    await page.click("#tab-passes");
    await page.selectOption("#pass", "1");
    await page.waitForSelector("#panel .added", WAIT);
  },

  async "a link opens the program and runs nothing before it is allowed"() {
    await open("life");
    await drawn(1);
    await type("# shared: ü\ndef frame(x: float) -> float:\n    return x + 41.5\n");
    await said("good", "Compiled");
    await page.click("#share");
    await page.waitForFunction(() => location.hash.startsWith("#code="), null, WAIT);
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await said("good", "Compiled");
    assert.match(await page.textContent(".cm-content"), /# shared: ü/);
    await page.waitForTimeout(300);
    assert.equal(await frames(), 0);
    await page.click("#allow");
    await page.waitForFunction(() => document.getElementById("result").textContent.includes("42"), null, WAIT);
    await open("code=nonsense");
    await said("good", "Compiled");
  },

  async "downloads run elsewhere"() {
    await open("life");
    await drawn(1);
    await type("def frame(x: float, n: int) -> float:\n    if n < 0:\n        raise ValueError('less')\n    return x * n\n");
    await said("good", "Compiled");
    await page.waitForFunction(() => document.querySelector("label[for=slider-n]") !== null, null, WAIT);
    const get = async (button, name) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
      await download.saveAs(join(folder, name));
    };
    await get("#download", "kernel.wasm");
    assert.ok(WebAssembly.validate(readFileSync(join(folder, "kernel.wasm"))));
    await get("#download-module", "kernel.mjs");
    const { frame } = await import(pathToFileURL(join(folder, "kernel.mjs")));
    assert.equal(frame(1.5, 3), 4.5);
    assert.throws(() => frame(1.5, -1), (e) => e.exception === "ValueError" && e.frames[0].line === 3);
    assert.equal(typeof load, "function");
  },

  async "nothing serious for screen readers, in light and dark, on phone and desk"() {
    for (const [width, height, colorScheme] of [[390, 844, "light"], [1280, 900, "dark"], [1280, 900, "light"]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await open("sorting");
      await drawn(1);
      // Evaluated, not added: the page takes no scripts but its own.
      await page.evaluate(readFileSync(axe, "utf8"));
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
      assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(wide, 0, `nothing is wider than ${width} pixels`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  },

  async "the gallery, tabs and controls are reached by keyboard"() {
    await open("life");
    await drawn(1);
    await page.locator("#gallery button").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("[aria-current=true]").dataset.id === "mandelbrot", null, WAIT);
    await page.locator("#tab-times").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getAttribute("#tab-types", "aria-selected"), "true");
  },
};

const wanted = process.argv[2] ?? "";
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  if (!name.includes(wanted)) {
    continue;
  }
  const start = Date.now();
  try {
    await test();
    assert.deepEqual(complaints.splice(0), []);
    console.log(`ok   ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    complaints.length = 0;
    console.log(`FAIL ${name}\n${error.stack}`);
    writeFileSync(join(tmpdir(), "gelcap-page-failed.png"), await page.screenshot());
  }
}
await browser.close();
stop();
rmSync(folder, { recursive: true });
process.exitCode = failed > 0 ? 1 : 0;
