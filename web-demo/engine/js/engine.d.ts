/** A place in the text: lines from 1, columns from 0 in characters, `utf16` in UTF-16 units, `bytes` in UTF-8. */
export interface Range {
  file: string;
  line: number;
  column: number;
  utf16: number;
  end_line: number;
  end_column: number;
  end_utf16: number;
  bytes: [number, number];
}

export interface Label extends Range {
  text: string;
  primary: boolean;
}

export interface Diagnostic {
  code: string;
  severity: "error" | "warning" | "note";
  message: string;
  /** The primary one first. */
  labels: Label[];
  notes: string[];
  help: string | null;
  /** Text that may stand in the place of what the range holds. */
  fix: (Range & { text: string }) | null;
}

export type DType =
  | "bool" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" | "float32" | "float64";

export type ArrayType = {
  kind: "array";
  dtype: DType;
  rank: number;
  layout: "C" | "F" | "strided";
  writable: boolean;
};

export type Param = {
  name: string;
  /** As the source declares it. */
  type: string;
  /** The slot that stands for an argument that is not given, as a decimal. */
  default: string | null;
} & (
  | { kind: "scalar"; dtype: DType }
  | { kind: "pointer"; dtype: DType | null; writable: boolean }
  | { kind: "none" }
  | ArrayType
);

export type Result =
  | { kind: "none" }
  | { kind: "scalar"; dtype: DType; numpy: boolean }
  /** A Python scalar on some paths, a NumPy one on others: two slots, the first says which. */
  | { kind: "either"; python: DType; numpy: DType }
  | ArrayType
  | { kind: "tuple"; items: Result[] };

export interface Export {
  name: string;
  packed: string;
  params: Param[];
  result: Result;
  /** The result's type as Python writes it. */
  type: string;
  doc: string | null;
}

export interface Frame {
  function: string;
  /** Index into `files`. */
  file: number;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Artifact {
  abi: number;
  module: string;
  exports: Export[];
  sites: { exception: string; template: string; frames: Frame[] }[];
  files: string[];
}

export interface PassRun {
  pass: string;
  ms: number;
  changed: boolean;
  level: string;
  ops: number;
  /** The IR it left, where it was asked for and changed. */
  text?: string;
}

/** Why there is no answer. */
export type Refusal = {
  ok: false;
  /** Faults in the source. */
  diagnostics?: Diagnostic[];
  /** A fault of the compiler's own. */
  internal?: string;
  /** The question was not understood. */
  refused?: string;
  /** Given up between stages. */
  superseded?: true;
};

export type Compiled = {
  ok: true;
  artifact: Artifact;
  bytes: Uint8Array<ArrayBuffer>;
  diagnostics: Diagnostic[];
  /** Milliseconds. */
  times: { front: number; passes: number; back: number; total: number };
  passes: PassRun[];
};

export type TypedSpan = { at: Range; role: "binding" | "expression" | "function"; types: string[] };

export type ArgumentType =
  | { kind: "none" | "int" | "float" | "bool" }
  | { kind: "scalar"; dtype: DType }
  | { kind: "array"; dtype: DType; rank: number; layout?: "C" | "F" | "strided"; writable?: boolean };

export interface Options {
  /** The name in messages; `kernel.py`. */
  name?: string;
  /** The kernel; else every function that the source declares. */
  kernel?: string;
  /** In any notation; else it stands in the source. */
  signature?: string;
  /** The types of a call's arguments, instead of a signature. */
  arguments?: ArgumentType[];
  /** Only what comments export. */
  exportsOnly?: boolean;
  mode?: "jit" | "c";
  optLevel?: 0 | 1 | 2;
  flavour?: "standalone" | "imported" | "side";
  settings?: { boundscheck?: boolean; wraparound?: boolean; overflow?: boolean };
}

export type Stage = "ast" | "types" | "ir" | "machine";

export class Engine {
  static load(
    source: BufferSource | WebAssembly.Module | Response | Promise<BufferSource | WebAssembly.Module | Response>,
    host?: { superseded?: () => boolean },
  ): Promise<Engine>;
  compile(source: string, options?: Options): Compiled | Refusal;
  check(source: string, options?: Options): { ok: true; diagnostics: Diagnostic[]; kernels: number } | Refusal;
  emit(stage: Stage, source: string, options?: Options): { ok: true; text: string } | Refusal;
  emit(stage: "passes", source: string, options?: Options): { ok: true; text: string; passes: PassRun[] } | Refusal;
  types(source: string, options?: Options): { ok: true; types: TypedSpan[] } | Refusal;
  hover(source: string, offset: number, options?: Options): { ok: true; hover: TypedSpan | null } | Refusal;
  complete(
    source: string,
    offset: number,
    options?: Options,
  ): { ok: true; from: number; options: { label: string; type: string }[] } | Refusal;
  explain(code: string): { ok: true; code: string; explanation: string | null } | Refusal;
  about(): { ok: true; version: string; abi: number; codes: string[] } | Refusal;
}
