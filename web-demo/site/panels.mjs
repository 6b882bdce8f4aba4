// What the compiler did: times, types beside names, the IR after each pass with what is new in it, the module as text.

const kib = (bytes) => (bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(1)} KiB`);

function element(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function pre(...children) {
  return element("pre", {}, ...children);
}

/** Rows of times with bars, the longest being whole. */
function table(rows, total) {
  const body = element("tbody");
  for (const [name, ms, note] of rows) {
    const bar = element("span", { className: "bar" });
    bar.style.width = `${Math.max(1, (120 * ms) / Math.max(total, 0.001)).toFixed(1)}px`;
    body.append(element("tr", {}, element("th", { scope: "row", textContent: name }),
      element("td", { className: "number", textContent: ms.toFixed(3) }), element("td", {}, bar),
      element("td", { textContent: note ?? "" })));
  }
  const head = element("tr", {}, element("th", { scope: "col", textContent: "stage" }),
    element("th", { scope: "col", className: "number", textContent: "ms" }), element("th", { scope: "col", textContent: "share" }),
    element("th", { scope: "col", textContent: "operations" }));
  return element("table", {}, element("thead", {}, head), body);
}

export function times(made) {
  const { front, passes, back, total } = made.times;
  const changed = made.passes.filter((p) => p.changed);
  const first = made.passes.find((p) => p.ops > 0)?.ops ?? 0;
  const last = made.passes.at(-1)?.ops ?? 0;
  const said = `${total.toFixed(2)} ms for ${kib(made.bytes.length)} of wasm; ${changed.length} of ${made.passes.length} passes changed something; ${first} operations after the first pass, ${last} at the end.`;
  const slow = changed.map((p) => [p.pass, p.ms, String(p.ops)]);
  const rows = [["front-end", front, ""], ["passes", passes, ""], ["code", back, ""]];
  return [element("p", { textContent: said }), table(rows, total), element("p", { textContent: "Passes that changed something, in order:" }), table(slow, total)];
}

/** The source with the type of each name where it gets its value. */
export function types(answer, source) {
  const lines = source.split("\n");
  const at = answer.types.filter((t) => t.role === "binding").sort((a, b) => b.at.end_utf16 - a.at.end_utf16);
  const byLine = Map.groupBy(at, (t) => t.at.end_line);
  const out = [];
  lines.forEach((line, k) => {
    let rest = line;
    const pieces = [];
    for (const typed of byLine.get(k + 1) ?? []) {
      pieces.unshift(element("span", { className: "type", textContent: `: ${typed.types.join(" | ")}` }), rest.slice(typed.at.end_utf16));
      rest = rest.slice(0, typed.at.end_utf16);
    }
    out.push(rest, ...pieces, "\n");
  });
  return [pre(...out)];
}

/** The lines of a text, those marked that the text before did not have. */
function difference(before, after) {
  const known = new Map();
  // Values are numbered anew by every pass: what they are called is no difference.
  const plain = (line) => line.replace(/%\d+/g, "%");
  before.split("\n").forEach((line) => known.set(plain(line), (known.get(plain(line)) ?? 0) + 1));
  return after.split("\n").map((line) => {
    const left = known.get(plain(line)) ?? 0;
    known.set(plain(line), left - 1);
    return left > 0 || line.trim() === "" ? `${line}\n` : element("span", { className: "added", textContent: line === "" ? " " : line });
  });
}

export function passes(answer, chosen, choose) {
  const steps = answer.passes.filter((p) => p.text !== undefined);
  if (steps.length === 0) {
    return [element("p", { textContent: "No pass changed anything." })];
  }
  const at = Math.min(Math.max(chosen, 0), steps.length - 1);
  const select = element("select", { id: "pass" });
  steps.forEach((step, k) => {
    select.append(element("option", { value: k, selected: k === at, textContent: `${k + 1}. ${step.pass} (${step.ops} operations, ${step.ms.toFixed(2)} ms)` }));
  });
  select.onchange = () => choose(Number(select.value));
  const label = element("label", { htmlFor: "pass", textContent: "IR after" });
  const before = at === 0 ? "" : steps[at - 1].text;
  const text = at === 0 ? [steps[0].text] : difference(before, steps[at].text);
  return [label, select, pre(...text)];
}

export function wat(answer, bytes) {
  return [element("p", { textContent: `${kib(bytes.length)} of wasm, as text:` }), pre(answer.text)];
}

export function refusal(text) {
  return [element("p", { textContent: text })];
}
