// Screenshots of the page at the widths of a phone, a laptop and a large screen: `node screenshots.mjs FOLDER [item...]`.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [folder, ...items] = process.argv.slice(2);
const { url, stop } = await serve(join(root, "target/site"));
const browser = await launch();
const page = await browser.newPage();
page.on("console", (m) => m.type() === "error" && console.error(m.text()));
page.on("pageerror", (e) => console.error(e));
for (const item of items.length > 0 ? items : ["mandelbrot"]) {
  for (const [width, height, scheme] of [[390, 844, "light"], [1280, 900, "dark"], [1920, 1080, "light"]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await page.goto("about:blank");
    await page.goto(`${url}#${item}`);
    await page.waitForFunction(() => Number(document.body.dataset.frames) > 5 || !document.getElementById("exception").hidden
      || document.getElementById("toggle").disabled && Number(document.body.dataset.frames) > 0, null, { timeout: 60_000 });
    await page.screenshot({ path: join(folder, `${item}-${width}.png`), fullPage: width === 390 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    console.log(`${item} ${width}: ${wide > 0 ? `${wide} pixels too wide` : "fits"}`);
  }
}
await browser.close();
stop();
