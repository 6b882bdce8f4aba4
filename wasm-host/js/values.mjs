// Numbers and arrays on their way into slots and back: what Python's caller would check is checked here.

import { raise } from "./errors.mjs";

const ARRAYS = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** The typed array that holds elements of a dtype. */
export function arrayOf(dtype) {
  const type = ARRAYS[dtype];
  if (type === undefined) {
    raise("TypeError", `there is no dtype ${dtype}`);
  }
  return type;
}

function holds(data, dtype) {
  const type = arrayOf(dtype);
  return data instanceof type || (dtype === "uint8" && data instanceof Uint8ClampedArray);
}

/** Writes a scalar into a slot. */
export function writeSlot(view, at, dtype, value) {
  switch (dtype) {
    case "float64":
      view.setFloat64(at, toFloat(value), true);
      return;
    case "float32":
      view.setUint32(at + 4, 0, true);
      view.setFloat32(at, toFloat(value), true);
      return;
    case "bool":
      view.setBigUint64(at, value ? 1n : 0n, true);
      return;
    default:
      view.setBigInt64(at, toInteger(value, dtype), true);
  }
}

function toFloat(value) {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
    raise("TypeError", `must be real number, not ${typeof value}`);
  }
  return Number(value);
}

function toInteger(value, dtype) {
  const bits = Number(/\d+$/.exec(dtype)[0]);
  const whole = typeof value === "bigint" || typeof value === "boolean" || Number.isInteger(value);
  if (!whole) {
    raise("TypeError", `'${typeof value === "number" ? "float" : typeof value}' object cannot be interpreted as an integer`);
  }
  const big = BigInt(value);
  const fits = dtype.startsWith("u") ? BigInt.asUintN(bits, big) : BigInt.asIntN(bits, big);
  if (fits !== big) {
    raise("OverflowError", `${big} does not fit ${dtype}`);
  }
  return fits;
}

/** A scalar out of a slot. Integers are numbers where those are exact, else BigInts. */
export function readSlot(view, at, dtype) {
  switch (dtype) {
    case "float64":
      return view.getFloat64(at, true);
    case "float32":
      return view.getFloat32(at, true);
    case "bool":
      return view.getUint8(at) !== 0;
    default: {
      const big = dtype.startsWith("u") ? view.getBigUint64(at, true) : view.getBigInt64(at, true);
      const small = Number(big);
      return Number.isSafeInteger(small) ? small : big;
    }
  }
}

/** Strides in bytes of a dense array. */
export function denseStrides(shape, itemSize, order = "C") {
  const strides = new Array(shape.length);
  let step = itemSize;
  const axes = shape.map((_, axis) => axis);
  for (const axis of order === "F" ? axes : axes.reverse()) {
    strides[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return strides;
}

/** An array in the memory of kernels, which they use in place. */
export class GuestArray {
  #arena;

  constructor(arena, dtype, shape, { address = undefined, strides = undefined } = {}) {
    this.#arena = arena;
    this.dtype = dtype;
    this.shape = shape;
    const size = arrayOf(dtype).BYTES_PER_ELEMENT;
    this.length = shape.reduce((a, b) => a * b, 1);
    this.strides = strides ?? denseStrides(shape, size);
    this.address = address ?? arena.alloc(this.length * size);
    if (address === undefined) {
      this.data.fill(size === 8 && dtype !== "float64" ? 0n : 0);
    }
  }

  /** The elements of a dense array. Made anew each time: memory that grew detaches older ones. */
  get data() {
    return new (arrayOf(this.dtype))(this.#arena.memory.buffer, this.address, this.length);
  }

  /** Gives the memory back; the array must not be used any more. */
  free() {
    this.#arena.free(this.address);
  }
}

/** An argument as an array: `{ data, shape, strides }`, in the guest or to be copied there. */
export function asArray(value, param) {
  const what = `argument '${param.name}'`;
  if (value === null || value === undefined) {
    raise("TypeError", `${what} must be an array of ${param.dtype}, not None`);
  }
  if (value instanceof GuestArray) {
    if (value.dtype !== param.dtype) {
      raise("TypeError", `${what} must be an array of ${param.dtype}, not ${value.dtype}`);
    }
    checkLayout(value.shape, value.strides, param, what);
    return value;
  }
  const data = ArrayBuffer.isView(value) ? value : value.data;
  if (!ArrayBuffer.isView(data) || data instanceof DataView) {
    raise("TypeError", `${what} must be a typed array, or { data, shape }`);
  }
  if (!holds(data, param.dtype)) {
    raise("TypeError", `${what} must be an array of ${param.dtype}, not ${data.constructor.name}`);
  }
  const shape = value.shape ?? [data.length];
  const strides = denseStrides(shape, data.BYTES_PER_ELEMENT);
  if (shape.reduce((a, b) => a * b, 1) !== data.length) {
    raise("ValueError", `${what}: ${data.length} elements do not have the shape (${shape.join(", ")})`);
  }
  checkLayout(shape, strides, param, what);
  return { data, shape, strides };
}

function checkLayout(shape, strides, param, what) {
  if (shape.length !== param.rank) {
    raise("TypeError", `${what} must have ${param.rank} axes, not ${shape.length}`);
  }
  if (param.layout !== "strided") {
    const dense = denseStrides(shape, arrayOf(param.dtype).BYTES_PER_ELEMENT, param.layout);
    const counts = !shape.includes(0);
    if (counts && shape.some((extent, axis) => extent !== 1 && strides[axis] !== dense[axis])) {
      raise("TypeError", `${what} must be in ${param.layout === "C" ? "C" : "Fortran"} order`);
    }
  }
}

/** A copy of what strides lead through, in C order. */
export function gather(memory, dtype, address, shape, strides) {
  const type = arrayOf(dtype);
  const size = type.BYTES_PER_ELEMENT;
  const length = shape.reduce((a, b) => a * b, 1);
  const dense = denseStrides(shape, size);
  if (length === 0 || shape.every((extent, axis) => extent === 1 || strides[axis] === dense[axis])) {
    return new type(memory.buffer.slice(address, address + length * size));
  }
  const out = new type(length);
  const source = new DataView(memory.buffer);
  const target = new Uint8Array(out.buffer);
  const index = shape.map(() => 0);
  for (let k = 0; k < length; k += 1) {
    const from = index.reduce((at, i, axis) => at + i * strides[axis], address);
    for (let byte = 0; byte < size; byte += 1) {
      target[k * size + byte] = source.getUint8(from + byte);
    }
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis] += 1;
      if (index[axis] < shape[axis]) {
        break;
      }
      index[axis] = 0;
    }
  }
  return out;
}
