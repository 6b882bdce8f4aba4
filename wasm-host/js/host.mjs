// Runs kernels in browsers and Node: the same contract as the Rust host (compiler/src/abi), without a framework.
//
//   const { artifact, bytes } = engine.compile(source);
//   const module = await load(bytes, artifact);
//   module.kernels.f(3, new Float64Array(3));
//
// A kernel gets no import but its memory, where its data is, and counted buffers in that memory. An exception that it
// raises arrives as a KernelError with Python's name, message and lines.

import { Arena } from "./arena.mjs";
import { KernelError, formatMessage, raise } from "./errors.mjs";
import { GuestArray, arrayOf, asArray, gather, readSlot, writeSlot } from "./values.mjs";

export { Arena } from "./arena.mjs";
export { KernelError, floatRepr, formatMessage } from "./errors.mjs";
export { GuestArray } from "./values.mjs";

const ABI = 2;
const STACK = 65536;

const CONTEXT = { size: 64, site: 0, payload: 8, words: 4, stackLimit: 40 };
const OK = 0;
const RAISED = 1;

// Engines give a call less stack than wasmtime does, and tell of its end by an exception of their own.
const CALL_DEPTH = 10_000n;

/** Compiles and instantiates a module of any flavour but the side module, which belongs to Emscripten's loader. */
export async function load(bytes, artifact, arena = undefined) {
  if (artifact.abi !== ABI) {
    throw new TypeError(`the module was made for kernel ABI ${artifact.abi}, this is ${ABI}`);
  }
  const module = bytes instanceof WebAssembly.Module ? bytes : await WebAssembly.compile(bytes);
  const wants = new Set(WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`));
  if (!wants.has("env.memory")) {
    // Its memory exists only once it is there, and so does the arena that its imports use.
    let home;
    const late = (name) => (...args) => home.imports()[name](...args);
    const env = Object.fromEntries(Object.keys(new Arena().imports()).map((name) => [name, late(name)]));
    const instance = await WebAssembly.instantiate(module, { env });
    const { memory, __heap_base: start } = instance.exports;
    home = new Arena(memory, start.value);
    return new Module(instance, home, artifact);
  }
  const home = arena ?? new Arena();
  const env = { memory: home.memory, ...home.imports() };
  if (wants.has("env.__memory_base")) {
    env.__memory_base = new WebAssembly.Global({ value: "i32" }, home.alloc(dataSize(module)));
  }
  if (wants.has("env.__stack_pointer")) {
    env.__stack_pointer = new WebAssembly.Global({ value: "i32", mutable: true }, home.alloc(STACK) + STACK);
  }
  return new Module(await WebAssembly.instantiate(module, { env }), home, artifact);
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

/** Slots that a parameter or result fills. */
function slotsOf(type, isResult) {
  switch (type.kind) {
    case "none":
      return 0;
    case "either":
      return 2;
    case "array":
      return 1 + 2 * type.rank + (isResult ? 1 : 0);
    case "tuple":
      return type.items.reduce((sum, item) => sum + slotsOf(item, isResult), 0);
    default:
      return 1;
  }
}

/** A loaded module: its kernels are functions under `kernels`. */
export class Module {
  #instance;
  #context;
  #slots;

  constructor(instance, arena, artifact) {
    this.#instance = instance;
    this.arena = arena;
    this.artifact = artifact;
    const most = Math.max(1, ...artifact.exports.map((e) => this.#slotCount(e)));
    this.#context = arena.alloc(CONTEXT.size);
    this.#slots = arena.alloc(8 * most);
    const kernel = (e) => [e.name, (...args) => this.#call(e, args)];
    this.kernels = Object.fromEntries(artifact.exports.map(kernel));
  }

  /** A new array in the kernels' own memory, which they use without copying. */
  array(dtype, shape) {
    return new GuestArray(this.arena, dtype, shape);
  }

  #slotCount(e) {
    const params = e.params.reduce((sum, p) => sum + slotsOf(p, false), 0);
    return Math.max(params, slotsOf(e.result, true));
  }

  /** Calls a packed entry on slots as they are: addresses are guest addresses, 64 bits each. */
  callPacked(name, slots) {
    const e = this.artifact.exports.find((x) => x.packed === name);
    const count = e === undefined ? 0 : this.#slotCount(e);
    slots.forEach((bits, k) => this.arena.view().setBigUint64(this.#slots + 8 * k, BigInt.asUintN(64, bits), true));
    this.#enter(name);
    return Array.from({ length: count }, (_, k) => this.arena.view().getBigUint64(this.#slots + 8 * k, true));
  }

  #call(e, args) {
    if (args.length > e.params.length) {
      raise("TypeError", `${e.name}() takes ${e.params.length} arguments, got ${args.length}`);
    }
    const copies = [];
    try {
      let slot = 0;
      e.params.forEach((param, k) => {
        this.#fill(slot, param, args[k], copies);
        slot += slotsOf(param, false);
      });
      try {
        this.#enter(e.packed);
      } finally {
        // What a kernel wrote before it raised is as visible as it would be natively.
        for (const { array, address, writable } of copies) {
          if (writable) {
            bytesOf(array).set(this.arena.bytes(address, array.byteLength));
          }
        }
      }
      return this.#result(e.result, { at: 0 });
    } finally {
      copies.forEach(({ address }) => this.arena.free(address));
    }
  }

  #fill(slot, param, value, copies) {
    const at = this.#slots + 8 * slot;
    switch (param.kind) {
      case "none":
        return;
      case "array": {
        const array = asArray(value, param);
        const address = array instanceof GuestArray ? array.address : this.#copyIn(array.data, param.writable, copies);
        const view = this.arena.view();
        view.setBigUint64(at, BigInt(address), true);
        [...array.shape, ...array.strides].forEach((n, k) => view.setBigInt64(at + 8 + 8 * k, BigInt(n), true));
        return;
      }
      case "pointer": {
        let address = value ?? 0;
        if (value instanceof GuestArray) {
          address = value.address;
        } else if (ArrayBuffer.isView(value)) {
          if (param.dtype !== null && !(value instanceof arrayOf(param.dtype))) {
            raise("TypeError", `argument '${param.name}' must be an array of ${param.dtype}, not ${value.constructor.name}`);
          }
          address = this.#copyIn(value, param.writable, copies);
        }
        this.arena.view().setBigUint64(at, BigInt(address), true);
        return;
      }
      default:
        if (value === undefined) {
          if (param.default === null) {
            raise("TypeError", `missing argument '${param.name}'`);
          }
          this.arena.view().setBigUint64(at, BigInt(param.default), true);
          return;
        }
        writeSlot(this.arena.view(), at, param.dtype, value);
    }
  }

  /** One array is one copy, however often it is passed, so that aliases alias in the guest too. */
  #copyIn(array, writable, copies) {
    const known = copies.find((c) => c.array === array);
    if (known !== undefined) {
      known.writable ||= writable;
      return known.address;
    }
    const address = this.arena.alloc(array.byteLength);
    copies.push({ array, address, writable });
    this.arena.bytes(address, array.byteLength).set(bytesOf(array));
    return address;
  }

  #result(type, cursor) {
    const at = this.#slots + 8 * cursor.at;
    switch (type.kind) {
      case "none":
        return null;
      case "tuple":
        return type.items.map((item) => this.#result(item, cursor));
      case "either": {
        cursor.at += 2;
        const numpy = this.arena.view().getUint8(at) !== 0;
        return readSlot(this.arena.view(), at + 8, numpy ? type.numpy : type.python);
      }
      case "array": {
        cursor.at += slotsOf(type, true);
        const view = this.arena.view();
        const word = (k) => Number(view.getBigInt64(at + 8 * k, true));
        const shape = Array.from({ length: type.rank }, (_, k) => word(1 + k));
        const strides = Array.from({ length: type.rank }, (_, k) => word(1 + type.rank + k));
        const data = gather(this.arena.memory, type.dtype, word(0), shape, strides);
        const owner = word(1 + 2 * type.rank);
        if (owner !== 0) {
          this.arena.release(owner);
        }
        return { dtype: type.dtype, shape, data };
      }
      default:
        cursor.at += 1;
        return readSlot(this.arena.view(), at, type.dtype);
    }
  }

  #enter(packed) {
    const entry = this.#instance.exports[packed];
    if (typeof entry !== "function") {
      throw new TypeError(`there is no kernel ${packed}`);
    }
    const view = this.arena.view();
    view.setInt32(this.#context + CONTEXT.site, 0, true);
    view.setBigUint64(this.#context + CONTEXT.stackLimit, CALL_DEPTH, true);
    let status;
    try {
      status = entry(this.#context, this.#slots);
    } catch (error) {
      throw trapped(error);
    }
    if (status === RAISED) {
      throw this.#raised();
    }
    if (status !== OK) {
      raise("SystemError", `unknown status ${status}`);
    }
  }

  #raised() {
    const view = this.arena.view();
    const word = (k) => view.getBigInt64(this.#context + CONTEXT.payload + 8 * k, true);
    const payload = Array.from({ length: CONTEXT.words }, (_, k) => word(k));
    const index = view.getInt32(this.#context + CONTEXT.site, true);
    const site = this.artifact.sites[index];
    if (site === undefined) {
      return new KernelError("SystemError", `the kernel raised at unknown site ${index}`);
    }
    const frames = site.frames.map((f) => ({ ...f, file: this.artifact.files[f.file] }));
    return new KernelError(site.exception, formatMessage(site.template, payload), frames);
  }
}

function trapped(error) {
  // The engine's own stack ran out: a RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
  if (error instanceof RangeError || error.name === "InternalError") {
    return new KernelError("RecursionError", "maximum recursion depth exceeded", [], error);
  }
  if (error instanceof WebAssembly.RuntimeError) {
    return /out of bounds/.test(error.message)
      ? new KernelError("IndexError", "a pointer was followed outside of the memory that the kernel was given", [], error)
      : new KernelError("SystemError", error.message, [], error);
  }
  return error;
}

function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
