// Wasm modules as text, by a module that is loaded when it is first wanted.

const decoder = new TextDecoder();

/** @param source the printer's module: bytes, a Response, or a promise of one of these. */
export async function loadWat(source) {
  const given = await source;
  const bytes = typeof Response !== "undefined" && given instanceof Response ? await given.arrayBuffer() : given;
  const { instance } = await WebAssembly.instantiate(bytes);
  const { memory, gelcap_wat_alloc: alloc, gelcap_wat_free: free, gelcap_wat_print: print } = instance.exports;
  return (module) => {
    const at = alloc(module.length);
    new Uint8Array(memory.buffer, at, module.length).set(module);
    const start = print(at, module.length);
    free(at, module.length);
    const length = new DataView(memory.buffer).getUint32(start, true);
    const text = decoder.decode(new Uint8Array(memory.buffer, start + 4, length));
    free(start, 4 + length);
    return text;
  };
}
