// Failures as Python would tell them: the exception, its message, and the lines of the kernel that led there.

/** An exception of Python's. `frames` lead from the place that raised outwards; empty if no kernel raised it. */
export class KernelError extends Error {
  constructor(exception, message, frames = [], cause = undefined) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = exception;
    this.exception = exception;
    this.frames = frames;
  }

  /** The traceback as Python prints it, without the lines of source. */
  get traceback() {
    const line = (f) => `  File "${f.file}", line ${f.line}, in ${f.function}`;
    const frames = this.frames.length === 0 ? [] : ["Traceback (most recent call last):", ...this.frames.map(line).reverse()];
    return [...frames, this.message === "" ? this.exception : `${this.exception}: ${this.message}`].join("\n");
  }
}

export function raise(exception, message) {
  throw new KernelError(exception, message);
}

/** A number as Python's `repr` writes it; JavaScript's shortest digits are the same. */
export function floatRepr(value) {
  if (Number.isNaN(value)) {
    return "nan";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "inf" : "-inf";
  }
  const [mantissa, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  const sign = Object.is(value, -0) ? "-" : "";
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power >= 0) {
    const plain = sign + BigInt(Math.trunc(value)).toString();
    return Number.isInteger(value) ? `${plain}.0` : String(value);
  }
  // JavaScript keeps plain notation down to 1e-6, as Python does to 1e-4.
  return String(value);
}

/** The message of a raise: compiler/src/abi/status.rs says what stands in braces. */
export function formatMessage(template, payload) {
  return template.replace(/\{([0-3])([uf]?)\}|\{\{|\}\}/g, (all, index, format) => {
    if (index === undefined) {
      return all[0];
    }
    const bits = payload[Number(index)];
    switch (format) {
      case "u":
        return BigInt.asUintN(64, bits).toString();
      case "f":
        return floatRepr(new Float64Array(new BigInt64Array([bits]).buffer)[0]);
      default:
        return bits.toString();
    }
  });
}
