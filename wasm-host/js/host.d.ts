import type { Artifact, DType, Frame } from "./engine.js";

/** An exception of Python's: one that a kernel raised, or one about the arguments. */
export class KernelError extends Error {
  constructor(exception: string, message: string, frames?: (Omit<Frame, "file"> & { file: string })[], cause?: unknown);
  /** Python's name of it, such as `IndexError`; `name` is the same. */
  exception: string;
  /** Where it was raised, innermost first; empty if no kernel raised it. */
  frames: (Omit<Frame, "file"> & { file: string })[];
  /** As Python prints it. */
  readonly traceback: string;
}

export type TypedArray =
  | Uint8Array | Uint8ClampedArray | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array
  | BigUint64Array | Float32Array | Float64Array;

/** An array in the kernels' memory: used in place, without copying. */
export class GuestArray {
  readonly dtype: DType;
  readonly shape: number[];
  /** In bytes. */
  readonly strides: number[];
  readonly length: number;
  readonly address: number;
  /** The elements; take it anew after every call, as memory that grew detaches older views. */
  readonly data: TypedArray;
  free(): void;
}

/** Memory that modules may share. */
export class Arena {
  constructor(memory?: WebAssembly.Memory, start?: number);
  readonly memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  free(address: number): void;
  readonly live: number;
}

/** Arrays go in as `GuestArray`s, in place, or as typed arrays and `{ data, shape }`, copied in and back. */
export type Argument = number | bigint | boolean | null | undefined | GuestArray | TypedArray | { data: TypedArray; shape: number[] };

/** Integers beyond 2**53 come out as BigInts; arrays as copies. */
export type Value = null | number | bigint | boolean | { dtype: DType; shape: number[]; data: TypedArray } | Value[];

export class Module {
  readonly arena: Arena;
  readonly artifact: Artifact;
  readonly kernels: Record<string, (...args: Argument[]) => Value>;
  array(dtype: DType, shape: number[]): GuestArray;
}

/** Instantiates what the engine compiled. */
export function load(bytes: BufferSource | WebAssembly.Module, artifact: Artifact, arena?: Arena): Promise<Module>;

export function floatRepr(value: number): string;
export function formatMessage(template: string, payload: bigint[]): string;
