// Runs kernels in browsers and Node: the same contract as the Rust host, without a framework.
//
//   const kernel = await load(bytes);
//   kernel.call({ packed: "gelcap_packed_f", params: ["i64", "ptr"], results: ["f64"] }, [3n, new Float64Array(3)]);
//
// Offsets and meanings are those of compiler/src/abi. Memory may grow, which detaches every typed array over it: views
// are made when they are needed and never kept. A kernel gets no import besides its memory and where its data is.

const NULL_PAGE = 1024;
const ALIGNMENT = 64;
const PAGE = 65536;
const STACK = 65536;

const CONTEXT = { size: 64, site: 0, payload: 8, words: 4, stackLimit: 40 };
const OK = 0;
const RAISED = 1;

// Engines give a call less stack than wasmtime does, and tell of its end by an exception of their own.
const CALL_DEPTH = 10_000n;

/** The kernel raised at a site of its artifact. */
export class Raised extends Error {
  constructor(site, payload) {
    super(`the kernel raised at site ${site}`);
    this.name = "Raised";
    this.site = site;
    this.payload = payload;
  }
}

/** The engine stopped the kernel; `exception` is the name of the Python exception that it stands for. */
export class Trap extends Error {
  constructor(exception, cause) {
    super(cause.message, { cause });
    this.name = "Trap";
    this.exception = exception;
  }
}

/** Guest memory, and which part of it is free. */
export class Arena {
  #top;

  constructor(memory = new WebAssembly.Memory({ initial: 2 }), start = NULL_PAGE) {
    this.memory = memory;
    this.#top = start;
  }

  /** The address of so many bytes that nothing else uses. */
  alloc(bytes) {
    const start = Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT;
    const end = start + Math.max(bytes, 1);
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
    }
    this.#top = end;
    return start;
  }

  /** Everything allocated since `mark()` returned `mark` is free again. */
  release(mark) {
    this.#top = mark;
  }

  mark() {
    return this.#top;
  }

  view() {
    return new DataView(this.memory.buffer);
  }

  bytes(address, length) {
    return new Uint8Array(this.memory.buffer, address, length);
  }
}

/** Compiles and instantiates a module of any flavour but the side module, which belongs to Emscripten's loader. */
export async function load(bytes, arena = undefined) {
  const module = await WebAssembly.compile(bytes);
  const wants = new Set(WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`));
  if (!wants.has("env.memory")) {
    const instance = await WebAssembly.instantiate(module);
    const { memory, __heap_base: start } = instance.exports;
    return new Kernel(instance, new Arena(memory, start.value));
  }
  const home = arena ?? new Arena();
  const env = { memory: home.memory };
  if (wants.has("env.__memory_base")) {
    const base = home.alloc(dataSize(module));
    env.__memory_base = new WebAssembly.Global({ value: "i32" }, base);
  }
  if (wants.has("env.__stack_pointer")) {
    env.__stack_pointer = new WebAssembly.Global({ value: "i32", mutable: true }, home.alloc(STACK) + STACK);
  }
  return new Kernel(await WebAssembly.instantiate(module, { env }), home);
}

/** Bytes of constants: the first number of subsection 1 of `dylink.0`. */
function dataSize(module) {
  const [section] = WebAssembly.Module.customSections(module, "dylink.0");
  const bytes = section ? new Uint8Array(section) : new Uint8Array();
  let at = 0;
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value >>> 0;
      }
    }
  };
  while (at < bytes.length) {
    const kind = bytes[at++];
    const end = leb() + at;
    if (kind === 1) {
      return leb();
    }
    at = end;
  }
  return 0;
}

/** A loaded module. */
export class Kernel {
  #exports;

  constructor(instance, arena) {
    this.#exports = instance.exports;
    this.arena = arena;
  }

  /**
   * Calls a packed entry. `params` and `results` name what each slot holds: a scalar of the IR (`i64`, `f32`, `bool`,
   * ...) or `ptr`. 64-bit integers are BigInts. A pointer is a guest address, null, or a typed array, which is copied in
   * and back, also when the kernel raises.
   */
  call({ packed, params = [], results = [] }, args = []) {
    const entry = this.#exports[packed];
    if (typeof entry !== "function") {
      throw new TypeError(`there is no kernel ${packed}`);
    }
    const mark = this.arena.mark();
    try {
      const context = this.arena.alloc(CONTEXT.size);
      const slots = this.arena.alloc(8 * Math.max(params.length, results.length));
      const copies = this.#fill(slots, params, args);
      this.arena.bytes(context, CONTEXT.size).fill(0);
      this.arena.view().setBigUint64(context + CONTEXT.stackLimit, CALL_DEPTH, true);
      let status;
      try {
        status = this.#enter(entry, context, slots);
      } finally {
        for (const { array, address } of copies) {
          bytesOf(array).set(this.arena.bytes(address, array.byteLength));
        }
      }
      if (status === RAISED) {
        throw this.#raised(context);
      }
      return results.map((type, k) => readSlot(this.arena.view(), slots + 8 * k, type));
    } finally {
      this.arena.release(mark);
    }
  }

  #fill(slots, params, args) {
    const copies = [];
    params.forEach((type, k) => {
      let value = args[k];
      if (ArrayBuffer.isView(value)) {
        // One array is one copy, however often it is passed.
        let copy = copies.find((c) => c.array === value);
        if (copy === undefined) {
          copy = { array: value, address: this.arena.alloc(value.byteLength) };
          this.arena.bytes(copy.address, value.byteLength).set(bytesOf(value));
          copies.push(copy);
        }
        value = copy.address;
      }
      writeSlot(this.arena.view(), slots + 8 * k, type, value);
    });
    return copies;
  }

  #enter(entry, context, slots) {
    try {
      const status = entry(context, slots);
      if (status === OK || status === RAISED) {
        return status;
      }
      throw new WebAssembly.RuntimeError(`unknown status ${status}`);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) {
        throw new Trap(/out of bounds/.test(error.message) ? "IndexError" : "SystemError", error);
      }
      // The engine's own stack ran out: a RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
      throw error instanceof RangeError || error.name === "InternalError" ? new Trap("RecursionError", error) : error;
    }
  }

  #raised(context) {
    const view = this.arena.view();
    const payload = Array.from({ length: CONTEXT.words }, (_, k) => view.getBigInt64(context + CONTEXT.payload + 8 * k, true));
    return new Raised(view.getInt32(context + CONTEXT.site, true), payload);
  }
}

function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function writeSlot(view, at, type, value) {
  switch (type) {
    case "f64":
      return view.setFloat64(at, value, true);
    case "f32":
      view.setUint32(at + 4, 0, true);
      return view.setFloat32(at, value, true);
    case "ptr":
      return view.setBigUint64(at, BigInt(value ?? 0), true);
    case "bool":
      return view.setBigUint64(at, value ? 1n : 0n, true);
    default: {
      const [, kind, bits] = /^([iu])(8|16|32|64)$/.exec(type) ?? [];
      if (kind === undefined) {
        throw new TypeError(`no slot holds ${type}`);
      }
      const cut = kind === "i" ? BigInt.asIntN : BigInt.asUintN;
      return view.setBigInt64(at, cut(Number(bits), BigInt(value)), true);
    }
  }
}

function readSlot(view, at, type) {
  switch (type) {
    case "f64":
      return view.getFloat64(at, true);
    case "f32":
      return view.getFloat32(at, true);
    case "bool":
      return view.getUint8(at) !== 0;
    case "i64":
      return view.getBigInt64(at, true);
    case "u64":
      return view.getBigUint64(at, true);
    case "i8":
    case "i16":
    case "i32":
      return Number(view.getBigInt64(at, true));
    default:
      return Number(view.getBigUint64(at, true));
  }
}
