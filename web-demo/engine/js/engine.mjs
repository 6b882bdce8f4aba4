// The compiler in JavaScript. Plain data in, plain data out; engine.d.ts has the types.
//
//   const engine = await Engine.load(fetch("gelcap_engine.wasm"));
//   const made = engine.compile("def f(x: float) -> float:\n    return x * x\n");
//
// A call runs to its end on the thread that makes it: use a worker where a page must not wait. Between the stages of a
// compilation the engine asks `superseded`; if that says true, the answer is `{ ok: false, superseded: true }`.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function compiled(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) {
    return given;
  }
  if (typeof Response !== "undefined" && given instanceof Response) {
    const typed = given.headers.get("content-type")?.startsWith("application/wasm");
    return typed ? WebAssembly.compileStreaming(given) : WebAssembly.compile(await given.arrayBuffer());
  }
  return WebAssembly.compile(given);
}

export class Engine {
  #module;
  #exports;
  #imports;

  /** @param source the engine's module: bytes, a Response, or a promise of one of these. */
  static async load(source, { superseded = () => false } = {}) {
    const engine = new Engine();
    engine.#module = await compiled(source);
    engine.#imports = { gelcap: { now: () => performance.now(), superseded: () => (superseded() ? 1 : 0) } };
    engine.#start();
    return engine;
  }

  #start() {
    this.#exports = new WebAssembly.Instance(this.#module, this.#imports).exports;
  }

  /** Compiles; the module's bytes are in the answer if it is `ok`. */
  compile(source, options = {}) {
    return this.#ask({ op: "compile", source, options });
  }

  /** Faults and warnings alone. */
  check(source, options = {}) {
    return this.#ask({ op: "check", source, options });
  }

  /** A stage as text: ast, types, ir, passes, machine. For wat see wat.mjs. */
  emit(stage, source, options = {}) {
    return this.#ask({ op: "emit", stage, source, options });
  }

  /** The types of everything in the text. */
  types(source, options = {}) {
    return this.#ask({ op: "types", source, options });
  }

  /** The type of what stands at an offset in UTF-16 units. */
  hover(source, offset, options = {}) {
    return this.#ask({ op: "hover", source, offset, options });
  }

  /** What can be written at an offset in UTF-16 units. */
  complete(source, offset, options = {}) {
    return this.#ask({ op: "complete", source, offset, options });
  }

  /** What a diagnostic's code means. */
  explain(code) {
    return this.#ask({ op: "explain", code });
  }

  /** The version, and every code. */
  about() {
    return this.#ask({ op: "about" });
  }

  #ask(question) {
    const request = encoder.encode(JSON.stringify(question));
    const { memory, gelcap_alloc: alloc, gelcap_free: free, gelcap_answer: answer } = this.#exports;
    try {
      const at = alloc(request.length);
      new Uint8Array(memory.buffer, at, request.length).set(request);
      const start = answer(at, request.length);
      free(at, request.length);
      const [text, rest] = new Uint32Array(memory.buffer.slice(start, start + 8));
      const json = JSON.parse(decoder.decode(new Uint8Array(memory.buffer, start + 8, text)));
      if (rest > 0) {
        json.bytes = new Uint8Array(memory.buffer, start + 8 + text, rest).slice();
      }
      free(start, 8 + text + rest);
      return json;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) {
        throw error;
      }
      // A fault of the compiler's own stops its instance; the next question gets a new one.
      this.#start();
      return { ok: false, internal: `the compiler stopped: ${error.message}` };
    }
  }
}
