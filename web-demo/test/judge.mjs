// Run by tests/web.rs: compiles programs with the engine and calls their kernels, as the file named on the command line
// asks; what came of each call goes to standard output. One process for the whole corpus.

import { readFile } from "node:fs/promises";

import { Engine } from "../engine/js/engine.mjs";
import { KernelError, load } from "../../wasm-host/js/host.mjs";

const [enginePath, jobsPath] = process.argv.slice(2);
const engine = await Engine.load(readFile(enginePath));
const jobs = JSON.parse(await readFile(jobsPath, "utf8"));

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const compiled = new Map();

/** The module for a source and options, compiled once. */
async function moduleOf(source, options) {
  const key = JSON.stringify([source, options]);
  if (!compiled.has(key)) {
    const made = engine.compile(source, options);
    compiled.set(key, made.ok ? await load(made.bytes, made.artifact) : made);
  }
  return compiled.get(key);
}

function explain(refusal) {
  return refusal.internal ?? refusal.refused ?? refusal.diagnostics.map((d) => `${d.code}: ${d.message}`).join("; ");
}

async function run({ source, options, kernel, slots, memories }) {
  const module = await moduleOf(source, options);
  if (module.ok === false) {
    return { failed: explain(module) };
  }
  const { arena } = module;
  const e = module.artifact.exports.find((x) => x.name === kernel);
  if (e === undefined) {
    return { failed: `there is no kernel ${kernel}` };
  }
  const places = memories.map((m) => arena.alloc(Math.max(m.length / 2, 1)));
  memories.forEach((m, k) => arena.bytes(places[k], m.length / 2).set(Buffer.from(m, "hex")));
  const word = (slot) =>
    slot.memory === undefined ? BigInt(`0x${slot.bits}`) : BigInt(places[slot.memory]) + BigInt(slot.offset);
  const outcome = {};
  try {
    outcome.slots = module.callPacked(e.packed, slots.map(word)).map((bits) => bits.toString(16));
  } catch (error) {
    if (!(error instanceof KernelError)) {
      throw error;
    }
    outcome.raised = { class: error.exception, message: error.message };
  }
  outcome.places = places;
  outcome.buffers = arena.buffers.map((b) => ({ ...b, bytes: hex(arena.bytes(b.address, b.length)) }));
  outcome.memories = memories.map((m, k) => hex(arena.bytes(places[k], m.length / 2)));
  places.forEach((place) => arena.free(place));
  // The judge compares references with the owners in the results; the next call starts with none.
  for (const { address, references } of outcome.buffers) {
    for (let k = 0; k < references; k += 1) {
      arena.release(address);
    }
  }
  return outcome;
}

const outcomes = [];
for (const job of jobs) {
  outcomes.push(await run(job));
}
process.stdout.write(JSON.stringify(outcomes));
