// The page: wires the editor to the compiler, and what it makes to the runner and the panels.

import { directives, slidersOf } from "./directives.mjs";
import { createEditor } from "./editor.mjs";
import * as panels from "./panels.mjs";
import { Runner } from "./runner.mjs";
import { asModule, pack, save, unpack } from "./share.mjs";
import { WorkerClient } from "./worker-client.mjs";

const $ = (id) => document.getElementById(id);
const compiler = new WorkerClient("compiler-worker.js");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** What is shown: the program, what it was compiled to, the values of its parameters. */
const shown = { id: "", made: undefined, source: "", names: {}, allowed: true, tab: "times", pass: 1e9, epoch: 0 };
let gallery = [];

const editor = createEditor($("editor"), {
  onChange: (source) => compile(source),
  hover: async (source, offset) => (await ask({ op: "hover", source, offset })).hover,
  complete: async (source, offset) => {
    const answer = await ask({ op: "complete", source, offset });
    return answer.ok ? answer : null;
  },
});

async function ask(question) {
  const { answer } = await compiler.ask({ options: { name: `${shown.id || "kernel"}.py` }, ...question });
  return answer ?? { ok: false };
}

const runner = new Runner($("canvas"), {
  frame({ value, ms, fps }) {
    const moving = runner.playing && shown.found?.animate;
    $("rate").textContent = `${ms.toFixed(ms < 10 ? 2 : 1)} ms a frame${moving ? `, ${fps.toFixed(0)} a second` : ""}`;
    $("result").textContent = value === "" ? "" : `frame() → ${value}`;
    // How long it took from navigation: test/figures.mjs tells it.
    document.body.dataset.first ??= String(performance.now());
    document.body.dataset.frames = String(Number(document.body.dataset.frames ?? 0) + 1);
  },
  failed({ text, line }) {
    $("exception").textContent = text;
    $("exception").hidden = false;
    editor.markLine(line);
  },
  state() {
    const ready = shown.made !== undefined && shown.allowed;
    $("toggle").textContent = runner.playing ? "Pause" : "Run";
    $("toggle").disabled = !ready || !shown.found.animate;
    $("step").disabled = !ready || !runner.running || (runner.playing && shown.found.animate);
    $("reset").disabled = !ready;
    $("stop").disabled = !runner.running;
  },
});

function status(text, kind = "") {
  $("status").textContent = text;
  $("status").className = kind;
}

async function compile(source) {
  const epoch = (shown.epoch += 1);
  const made = await ask({ op: "compile", source, epoch });
  if (epoch !== shown.epoch || made.superseded) {
    return;
  }
  shown.source = source;
  const problems = made.diagnostics ?? [];
  editor.problems(problems);
  listProblems(problems);
  if (!made.ok) {
    const errors = problems.filter((d) => d.severity === "error").length;
    status(made.internal ?? made.refused ?? `${errors} ${errors === 1 ? "problem" : "problems"}; the last sound version is shown.`, "bad");
    return;
  }
  shown.made = made;
  shown.found = directives(source);
  status(`Compiled in ${made.times.total.toFixed(2)} ms: ${made.bytes.length} bytes of wasm.`, "good");
  $("download").disabled = $("download-module").disabled = false;
  makeSliders();
  showPanel();
  if (shown.allowed) {
    run(true);
  }
}

function listProblems(problems) {
  $("problems").replaceChildren(...problems.map((d) => {
    const item = document.createElement("li");
    const go = Object.assign(document.createElement("button"), { type: "button" });
    const at = d.labels[0];
    go.textContent = `${at ? `line ${at.line}: ` : ""}${d.message}`;
    go.onclick = () => at && editor.goTo(at);
    item.append(go);
    if (d.help) {
      item.append(Object.assign(document.createElement("span"), { className: "help", textContent: `help: ${d.help}` }));
    }
    return item;
  }));
}

/** Starts what was compiled; `keep` leaves the arrays of the program as they are. */
function run(keep) {
  const { made, found } = shown;
  const kernel = made.artifact.exports.find((e) => e.name === "frame");
  $("exception").hidden = true;
  // What is shown from here on is this program's.
  $("result").textContent = "";
  editor.markLine(0);
  if (kernel === undefined) {
    $("result").textContent = "Name a function `frame` to run it here.";
    runner.stop();
    return;
  }
  const { bytes, artifact } = made;
  const { shapes, animate } = found;
  runner.start({ bytes, artifact, shapes, animate, names: shown.names, keep: keep ? shown.id : undefined });
}

function makeSliders() {
  const kernel = shown.made.artifact.exports.find((e) => e.name === "frame");
  const wanted = kernel ? slidersOf(kernel, shown.found) : [];
  const { view } = shown.found;
  view?.names.forEach((name, k) => {
    shown.names[name] ??= view.values[k];
  });
  const key = JSON.stringify(wanted);
  if ($("sliders").dataset.key === key) {
    return;
  }
  $("sliders").dataset.key = key;
  $("sliders").hidden = wanted.length === 0;
  [...$("sliders").querySelectorAll(".slider")].forEach((row) => row.remove());
  for (const { name, min, max, value, step } of wanted) {
    const row = Object.assign(document.createElement("div"), { className: "slider" });
    const label = Object.assign(document.createElement("label"), { textContent: name, htmlFor: `slider-${name}` });
    const input = Object.assign(document.createElement("input"), { type: "range", id: `slider-${name}`, min, max, step });
    input.value = shown.names[name] ?? value;
    const output = document.createElement("output");
    const show = () => {
      shown.names[name] = Number(input.value);
      output.textContent = step === 1 ? input.value : Number(input.value).toPrecision(3);
    };
    input.oninput = () => {
      show();
      runner.refresh();
    };
    show();
    row.append(label, input, output);
    $("sliders").append(row);
  }
}

async function showPanel() {
  const { made, source, tab } = shown;
  if (made === undefined) {
    return;
  }
  let content;
  if (tab === "times") {
    content = panels.times(made);
  } else {
    const answer = await ask({ op: "look", stage: tab, source, bytes: made.bytes });
    if (tab !== shown.tab || source !== shown.source) {
      return;
    }
    if (!answer.ok) {
      content = panels.refusal(answer.internal ?? answer.refused ?? "The program has problems.");
    } else if (tab === "types") {
      content = panels.types(answer, source);
    } else if (tab === "passes") {
      const choose = (k) => {
        shown.pass = k;
        $("panel").replaceChildren(...panels.passes(answer, k, choose));
        $("pass").focus();
      };
      content = panels.passes(answer, shown.pass, choose);
    } else {
      content = panels.wat(answer, made.bytes);
    }
  }
  $("panel").replaceChildren(...content);
}

const tabs = [...document.querySelectorAll("[role=tab]")];
function selectTab(tab) {
  tabs.forEach((t) => {
    t.setAttribute("aria-selected", String(t === tab));
    t.tabIndex = t === tab ? 0 : -1;
  });
  $("panel").setAttribute("aria-labelledby", tab.id);
  shown.tab = tab.id.slice("tab-".length);
  showPanel();
}
tabs.forEach((tab, k) => {
  tab.onclick = () => selectTab(tab);
  tab.onkeydown = ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step !== undefined) {
      const next = tabs[(k + step + tabs.length) % tabs.length];
      selectTab(next);
      next.focus();
    }
  };
});

function open(id, source, allowed = true) {
  runner.stop();
  Object.assign(shown, { id, made: undefined, names: {}, allowed });
  delete $("sliders").dataset.key;
  runner.playing = !still;
  $("gate").hidden = allowed;
  $("rate").textContent = $("result").textContent = "";
  document.body.dataset.frames = "0";
  [...$("gallery").querySelectorAll("button")].forEach((b) => b.setAttribute("aria-current", String(b.dataset.id === id)));
  editor.text = source;
}

$("toggle").onclick = () => {
  runner.play(!runner.playing);
  if (runner.playing && !runner.running) {
    run(true);
  }
};
$("step").onclick = () => runner.refresh();
$("reset").onclick = () => run(false);
$("stop").onclick = () => {
  runner.play(false);
  runner.stop();
  $("rate").textContent = "Stopped.";
};
$("allow").onclick = () => {
  shown.allowed = true;
  $("gate").hidden = true;
  if (shown.made !== undefined) {
    run(false);
  }
};
$("share").onclick = async () => {
  history.replaceState(null, "", `#code=${await pack(editor.text)}`);
  try {
    await navigator.clipboard.writeText(location.href);
    status("The link is on the clipboard.", "good");
  } catch {
    status("The link is in the address bar.", "good");
  }
};
$("download").onclick = () => save(`${shown.id || "kernel"}.wasm`, "application/wasm", shown.made.bytes);
$("download-module").onclick = async () => {
  save(`${shown.id || "kernel"}.mjs`, "text/javascript", await asModule(shown.made.artifact, shown.made.bytes));
};

/** The pointer in pixels of the picture; where the program has a view, dragging and the wheel move it. */
function pointer(event) {
  const canvas = $("canvas");
  const box = canvas.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * canvas.width;
  const y = ((event.clientY - box.top) / box.height) * canvas.height;
  const view = shown.found?.view?.names;
  if (view && shown.dragged) {
    const scale = shown.names[view[2]] / canvas.width;
    shown.names[view[0]] -= (x - shown.dragged.x) * scale;
    shown.names[view[1]] -= (y - shown.dragged.y) * scale;
    shown.dragged = { x, y };
  }
  Object.assign(shown.names, { mouse_x: x, mouse_y: y, mouse_down: shown.dragged ? 1 : 0 });
  runner.refresh();
  return { x, y };
}

$("canvas").onpointerdown = (event) => {
  event.currentTarget.setPointerCapture(event.pointerId);
  shown.dragged = undefined;
  const { x, y } = pointer(event);
  shown.dragged = { x, y };
  pointer(event);
};
$("canvas").onpointermove = (event) => shown.dragged && pointer(event);
$("canvas").onpointerup = $("canvas").onpointercancel = (event) => {
  shown.dragged = undefined;
  pointer(event);
};
$("canvas").addEventListener("wheel", (event) => {
  const view = shown.found?.view?.names;
  if (view === undefined) {
    return;
  }
  event.preventDefault();
  const { x, y } = pointer(event);
  const canvas = $("canvas");
  const factor = Math.exp(event.deltaY * 0.0015);
  const scale = shown.names[view[2]];
  // What is under the pointer stays there.
  const step = (scale - scale * factor) / canvas.width;
  shown.names[view[0]] += (x - canvas.width / 2) * step;
  shown.names[view[1]] += (y - canvas.height / 2) * step;
  shown.names[view[2]] = scale * factor;
  runner.refresh();
}, { passive: false });

async function main() {
  gallery = await (await fetch("gallery.json")).json();
  for (const { id, title } of gallery) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
    button.dataset.id = id;
    button.onclick = () => {
      const chosen = gallery.find((g) => g.id === id);
      history.replaceState(null, "", `#${id}`);
      open(id, chosen.source);
    };
    item.append(button);
    $("gallery").append(item);
  }
  const hash = location.hash.slice(1);
  const shared = hash.startsWith("code=") ? await unpack(hash.slice(5)) : undefined;
  if (shared !== undefined) {
    open("", shared, false);
  } else {
    const first = gallery.find((g) => g.id === hash) ?? gallery[0];
    open(first.id, first.source);
  }
}

main();
