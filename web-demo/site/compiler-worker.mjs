// The compiler off the main thread. A question carries an epoch; one that a newer question of its kind has superseded is
// dropped before it starts, and between the stages of what the page asks for.

import { Engine } from "../engine/js/engine.mjs";
import { loadWat } from "../engine/js/wat.mjs";

const engine = Engine.load(fetch("gelcap_engine.wasm"));
let wat;
let newest = 0;

/** Lets messages that wait be seen: only then is it known whether anybody still waits for this one. */
const messages = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});

async function compile({ epoch, source, options }) {
  const compiler = await engine;
  await messages();
  if (epoch < newest) {
    return undefined;
  }
  const made = compiler.compile(source, options);
  await messages();
  return epoch < newest ? undefined : made;
}

async function look({ stage, source, options, bytes }) {
  const compiler = await engine;
  switch (stage) {
    case "types":
      return compiler.types(source, options);
    case "passes":
      return compiler.emit("passes", source, options);
    case "wat":
      wat ??= loadWat(fetch("gelcap_wat.wasm"));
      return { ok: true, text: (await wat)(bytes) };
    default:
      return { ok: false, refused: `there is no stage ${stage}` };
  }
}

self.onmessage = async ({ data }) => {
  if (data.op === "compile") {
    newest = data.epoch;
  }
  let answer;
  try {
    const compiler = await engine;
    switch (data.op) {
      case "compile":
        answer = await compile(data);
        break;
      case "look":
        answer = await look(data);
        break;
      case "hover":
        answer = compiler.hover(data.source, data.offset, data.options);
        break;
      case "complete":
        answer = compiler.complete(data.source, data.offset, data.options);
        break;
      case "explain":
        answer = compiler.explain(data.code);
        break;
      default:
        answer = { ok: false, refused: `there is no operation ${data.op}` };
    }
  } catch (error) {
    answer = { ok: false, internal: String(error) };
  }
  self.postMessage({ id: data.id, answer: answer ?? { ok: false, superseded: true } });
};
