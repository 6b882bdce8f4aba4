// Runs a kernel: its arrays are made by the names and shapes that the source gives, and live in its own memory from frame
// to frame. An endless kernel holds this worker alone; the page ends it and starts another.

import { KernelError, load } from "../../wasm-host/js/host.mjs";

let program;

function values(params, names) {
  return params.map((param) => {
    if (param.kind !== "array") {
      const value = names[param.name];
      return param.dtype.startsWith("int") ? Math.round(value ?? 0) : (value ?? 0);
    }
    const shape = program.shapes[param.name];
    if (shape === undefined) {
      throw new KernelError("TypeError", `say the shape of \`${param.name}\` in a comment: # shape: ${param.name} = 100, 100`);
    }
    program.arrays[param.name] ??= program.module.array(param.dtype, shape);
    return program.arrays[param.name];
  });
}

function call(name, names) {
  const kernel = program.module.artifact.exports.find((e) => e.name === name);
  if (kernel === undefined) {
    return undefined;
  }
  return program.module.kernels[name](...values(kernel.params, names));
}

function failure(error) {
  return error instanceof KernelError
    ? { exception: error.exception, text: error.traceback, line: error.frames[0]?.line }
    : { exception: "Error", text: String(error) };
}

const handlers = {
  async start({ bytes, artifact, shapes, names, keep }) {
    const before = keep && program?.key === keep ? program.arrays : {};
    program = { key: keep, module: await load(bytes, artifact), shapes, arrays: {} };
    for (const [name, array] of Object.entries(before)) {
      const same = String(array.shape) === String(shapes[name]);
      const param = artifact.exports.flatMap((e) => e.params).find((p) => p.name === name && p.dtype === array.dtype);
      if (same && param?.kind === "array") {
        program.arrays[name] = program.module.array(array.dtype, array.shape);
        program.arrays[name].data.set(array.data);
      }
    }
    if (Object.keys(before).length === 0) {
      call("init", names);
    }
    return {};
  },
  frame({ names }) {
    const start = performance.now();
    const value = call("frame", names);
    const ms = performance.now() - start;
    const image = program.arrays.image;
    const pixels = image === undefined ? undefined : new Uint8ClampedArray(image.data).slice();
    return { ms, value: String(value ?? ""), pixels, shape: image?.shape };
  },
};

self.onmessage = async ({ data }) => {
  let answer;
  try {
    answer = await handlers[data.op](data);
  } catch (error) {
    answer = { failed: failure(error) };
  }
  self.postMessage({ id: data.id, ...answer }, answer.pixels === undefined ? [] : [answer.pixels.buffer]);
};
