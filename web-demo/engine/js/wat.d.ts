/** Gives a function that prints a wasm module as text. */
export function loadWat(source: BufferSource | Response | Promise<BufferSource | Response>): Promise<(module: Uint8Array) => string>;
