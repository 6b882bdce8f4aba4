"""The reference judge: runs kernels as CPython and NumPy run them.

Reads one JSON object from standard input and writes one to standard output; no
number passes through decimal text, floats and NumPy scalars travel as hex bits.

    {"programs": [{"name", "source", "signatures": {kernel: [type, ...]},
                   "ulp", "runs": [text, ...]}]}
    {"python", "numpy", "programs": [{"runs": [run, ...]} or {"error": text}]}

A run's text is what follows `# run:`, that is `f(args)`, `f(args) == value` or
`f(args) raises Class "message"`.  Arguments are Python expressions; they are
converted to the types of the signature, so that a kernel gets Python scalars
or NumPy scalars as it would in use.  `ptr(float64, [1.0, 2.0])` is memory that
a pointer leads to, `p.at(2)` the address of its third element, and the same
object passed twice is one memory: `f((p := ptr(int32, [1, 2])), p.at(1))`.

Python's int has 64 bits in a kernel: each result of an operator or a call that
is a larger int is an OverflowError.  So every program runs a second time with
such a check put round each expression, and where it strikes that is the answer
(its message is ours, and therefore not compared); the other one comes along as
"exact", for who got it without leaving 64 bits.
"""

import ast
import json
import math
import re
import signal
import struct
import sys
import types

import numpy as np

DTYPES = {
    "bool_": np.bool_, "bool": np.bool_,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64,
    "float32": np.float32, "float64": np.float64,
}
MEMORY_FORMATS = {
    "bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q",
    "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "float32": "f", "float64": "d",
}
# A run that takes longer is not for a test.
SECONDS = 5
INT64 = range(-(2**63), 2**63)
# Messages of builtin errors change between versions; those that cases state are of this one.
SAME_MESSAGES = sys.version_info[:2] == (3, 11)


class Overflow64(OverflowError):
    """A Python int left 64 bits."""


class BadCase(Exception):
    """The case is wrong, not the kernel."""


def too_long(signum, frame):
    raise BadCase(f"it does not end in {SECONDS} seconds")


# -- memory ---------------------------------------------------------------------


class Memory:
    def __init__(self, element, values):
        self.element = element
        self.format = MEMORY_FORMATS[element]
        self.size = struct.calcsize("=" + self.format)
        self.bytes = bytearray()
        for value in values:
            self.bytes += self.pack(value)
        self.before = bytes(self.bytes)

    def pack(self, value):
        """An element as a kernel stores it: ints are range-checked, floats rounded."""
        if self.element == "float32":
            with np.errstate(all="ignore"):
                return np.float32(value).tobytes()
        if self.element == "float64":
            return struct.pack("=d", float(value))
        if self.element == "bool":
            return bytes([bool(value)])
        if isinstance(value, (float, np.floating)):
            raise BadCase("a float stored through an integer pointer")
        value = int(value)
        try:
            return struct.pack("=" + self.format, value)
        except struct.error:
            raise Overflow64(f"{value} does not fit {self.element}") from None


class Pointer:
    """A pointer of C: elements come out as Python scalars."""

    def __init__(self, memory, offset=0):
        self.memory = memory
        self.offset = offset

    def at(self, index):
        return Pointer(self.memory, self.offset + index * self.memory.size)

    def range(self, index):
        start = self.offset + int(index) * self.memory.size
        if start < 0 or start + self.memory.size > len(self.memory.bytes):
            raise BadCase(f"the kernel reads or writes element {index} outside of the memory given")
        return slice(start, start + self.memory.size)

    def __getitem__(self, index):
        raw = self.memory.bytes[self.range(index)]
        return check_int(struct.unpack("=" + self.memory.format, raw)[0])

    def __setitem__(self, index, value):
        where = self.range(index)
        self.memory.bytes[where] = self.memory.pack(value)


def ptr(element, values):
    name = element if isinstance(element, str) else getattr(element, "__name__", str(element))
    return Pointer(Memory({"bool_": "bool"}.get(name, name), values))


def carray(pointer, shape, dtype=None):
    """An array over the memory of a pointer, as numba.carray and gelcap.carray give one."""
    shape = shape if isinstance(shape, tuple) else (shape,)
    dtype = np.dtype(dtype or pointer.memory.element)
    count = int(np.prod(shape))
    if count < 0:
        raise ValueError("negative dimensions are not allowed")
    if count == 0:
        return np.zeros(shape, dtype)
    return np.frombuffer(pointer.memory.bytes, dtype, count, pointer.offset).reshape(shape)


def as_array(pointer, shape=None):
    return carray(pointer, shape)


def stand_in(name, **members):
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module


np.ctypeslib.as_array = as_array
SCALARS = {t: getattr(np, t) for t in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                                       "float32", "float64", "bool_")}
stand_in("gelcap", carray=carray, farray=carray, **SCALARS)
stand_in("numba", carray=carray, farray=carray, **SCALARS)


# -- programs -------------------------------------------------------------------


def check_int(value):
    if type(value) is int and value not in INT64:
        raise Overflow64(f"{value} does not fit 64 bits")
    return value


def check_shift(value, count):
    """`value << count`, which must not fill the memory first."""
    if type(value) is int and type(count) is int and value != 0 and count > 63:
        raise Overflow64(f"{value} << {count} does not fit 64 bits")
    return value << count


class CheckInts(ast.NodeTransformer):
    """Puts `__check_int(...)` round every expression that makes a number."""

    def wrap(self, node):
        self.generic_visit(node)
        call = ast.Call(ast.Name("__check_int", ast.Load()), [node], [])
        return ast.copy_location(call, node)

    visit_UnaryOp = visit_Call = wrap

    def visit_BinOp(self, node):
        if not isinstance(node.op, ast.LShift):
            return self.wrap(node)
        self.generic_visit(node)
        shift = ast.Call(ast.Name("__check_shift", ast.Load()), [node.left, node.right], [])
        call = ast.Call(ast.Name("__check_int", ast.Load()), [shift], [])
        return ast.copy_location(call, node)

    def visit_Raise(self, node):
        return node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        value = self.visit_BinOp(ast.copy_location(ast.BinOp(load, node.op, node.value), node))
        return ast.copy_location(ast.Assign([node.target], value), node)


def load(name, source, checked):
    tree = ast.parse(source, name)
    if checked:
        tree = ast.fix_missing_locations(CheckInts().visit(tree))
    namespace = {"__name__": name, "__check_int": check_int, "__check_shift": check_shift}
    exec(compile(tree, name, "exec"), namespace)
    return namespace


# -- values ---------------------------------------------------------------------


def bits(value, format):
    return struct.pack(">" + format, value).hex()


def encode(value):
    """A value with its exact type and bits."""
    if value is None:
        return {"type": "None"}
    if isinstance(value, np.generic):
        if value.dtype.name not in MEMORY_FORMATS:
            return {"type": f"np.{value.dtype.name}", "bits": value.tobytes().hex()}
        return {"type": f"np.{value.dtype.name}", "bits": bits(value.item(), MEMORY_FORMATS[value.dtype.name])}
    if isinstance(value, bool):
        return {"type": "bool", "bits": bits(value, "?")}
    if isinstance(value, int):
        if value not in INT64:
            return {"type": "bigint", "bits": str(value)}
        return {"type": "int", "bits": bits(value, "q")}
    if isinstance(value, float):
        return {"type": "float", "bits": bits(value, "d")}
    if isinstance(value, tuple):
        return {"type": "tuple", "items": [encode(v) for v in value]}
    return {"type": type(value).__name__, "bits": repr(value)}


FLOATS = {"float": "d", "np.float64": "d", "np.float32": "f"}


def same(a, b, ulp):
    """Equal types and bits; any NaN equals any NaN."""
    if a["type"] != b["type"]:
        return False
    if a["type"] == "tuple":
        return len(a["items"]) == len(b["items"]) and all(same(x, y, ulp) for x, y in zip(a["items"], b["items"]))
    if a == b or a["type"] not in FLOATS:
        return a == b
    x, y = (struct.unpack(">" + FLOATS[v["type"]], bytes.fromhex(v["bits"]))[0] for v in (a, b))
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    near = abs(int(a["bits"], 16) - int(b["bits"], 16)) <= ulp
    return near and math.isfinite(x) and math.isfinite(y)


def convert(value, type_name):
    """An argument as a kernel with this parameter type gets it."""
    if type_name.endswith("*"):
        element = type_name.removeprefix("const ").removesuffix("*").strip()
        if not isinstance(value, Pointer):
            raise BadCase(f"{type_name} needs a ptr(...)")
        if element not in ("void", value.memory.element):
            raise BadCase(f"ptr({value.memory.element}, ...) given for {type_name}")
        return value
    if type_name in ("int", "float"):
        wanted = {"int": int, "float": float}[type_name]
        if isinstance(value, bool) or not isinstance(value, (int, wanted)):
            raise BadCase(f"{value!r} given for {type_name}")
        if type_name == "int" and value not in INT64:
            raise BadCase(f"{value} given for int")
        return wanted(value)
    if type_name == "bool":
        if not isinstance(value, bool):
            raise BadCase(f"{value!r} given for bool")
        return value
    if type_name not in DTYPES:
        raise BadCase(f"a parameter of type {type_name}")
    converted = DTYPES[type_name](value)
    if "int" in type_name and int(converted) != value:
        raise BadCase(f"{value!r} given for {type_name}")
    return converted


# -- runs -----------------------------------------------------------------------

HELPERS = {
    **DTYPES, "np": np, "math": math, "ptr": ptr, "inf": math.inf, "nan": math.nan,
    "bool": bool, "int": int, "float": float,
}
RAISES = re.compile(r"""^raises\s+(\w+)\s*(.*)$""")


def evaluate(text):
    """In a namespace of its own: a `:=` must not outlive its run."""
    with np.errstate(all="ignore"):
        return eval(text, dict(HELPERS))


def split(text):
    """`f(args)` and what is expected of it."""
    for i, c in enumerate(text):
        if c != ")":
            continue
        try:
            call = ast.parse(text[: i + 1].strip(), mode="eval").body
        except SyntaxError:
            continue
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        rest = text[i + 1 :].strip()
        if rest == "" or rest.startswith("== ") or RAISES.match(rest):
            return call, rest
    raise BadCase(f"cannot read the run {text!r}")


def expectation(rest):
    if not rest:
        return None
    if rest.startswith("=="):
        return {"returned": encode(evaluate(rest[2:].strip()))}
    name, message = RAISES.match(rest).groups()
    return {"raised": {"class": name, "message": ast.literal_eval(message) if message else None}}


def meets(outcome, expected, ulp):
    if "returned" in expected:
        return "returned" in outcome and same(outcome["returned"], expected["returned"], ulp)
    if "raised" not in outcome:
        return False
    got, want = outcome["raised"], expected["raised"]
    if got["class"] != want["class"]:
        return False
    return None in (got["message"], want["message"]) or got["message"] == want["message"] or not SAME_MESSAGES


def arguments(call, types):
    if call.keywords or len(call.args) != len(types):
        raise BadCase(f"{len(call.args)} arguments for {len(types)} parameters")
    # Evaluated together, so that `(p := ptr(...))` is known to later arguments.
    values = evaluate(ast.unparse(ast.Tuple(call.args, ast.Load())))
    return [convert(v, t) for v, t in zip(values, types)]


def execute(namespace, name, args):
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with np.errstate(all="ignore"):
            return {"returned": encode(namespace[name](*args))}
    except Overflow64:
        return {"raised": {"class": "OverflowError", "message": None}}
    except RecursionError:
        return {"raised": {"class": "RecursionError", "message": None}}
    except BadCase:
        raise
    except Exception as e:
        # Not `str(e)`, which for KeyError is the argument's repr.
        text = e.args[0] if len(e.args) == 1 and isinstance(e.args[0], str) else str(e)
        return {"raised": {"class": type(e).__name__, "message": text}}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def memories(args):
    found = []
    for a in args:
        if isinstance(a, Pointer) and all(a.memory is not m for m in found):
            found.append(a.memory)
    return found


def encode_argument(value, found):
    if isinstance(value, Pointer):
        index = next(i for i, m in enumerate(found) if m is value.memory)
        return {"memory": index, "offset": value.offset}
    return encode(value)


def run(plain, checked, program, text):
    signatures = program["signatures"]
    call, rest = split(text)
    name = call.func.id
    if name not in signatures:
        raise BadCase(f"{name} is not exported")
    types = signatures[name]
    args = arguments(call, types)
    outcome = execute(plain, name, args)
    again = arguments(call, types)
    second = execute(checked, name, again)
    # The checked program differs only where an int left 64 bits.
    exact = None
    if second == {"raised": {"class": "OverflowError", "message": None}}:
        # The answer without the limit is as good, where a judge comes to it all the same: constants are exact.
        if outcome != second:
            exact = {**outcome, "memories": [bytes(m.bytes).hex() for m in memories(args)]}
        args, outcome = again, second
    found = memories(args)
    result = {
        "kernel": name,
        "args": [encode_argument(a, found) for a in args],
        "memories": [
            {"element": m.element, "before": m.before.hex(), "after": bytes(m.bytes).hex()} for m in found
        ],
        **outcome,
        "exact": exact,
    }
    expected = expectation(rest)
    if expected and not meets(outcome, expected, program["ulp"]):
        result["unexpected"] = f"CPython gives {outcome}, the case says {expected}"
    elif expected and "raised" in expected and expected["raised"]["message"] is not None:
        # What the case states holds under every version of Python.
        result["raised"] = expected["raised"]
    return result


def judge(program):
    try:
        name, source = program["name"], program["source"]
        plain, checked = load(name, source, False), load(name, source, True)
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}
    runs = []
    for text in program["runs"]:
        try:
            runs.append(run(plain, checked, program, text))
        except Exception as e:
            runs.append({"error": f"{type(e).__name__}: {e}"})
    return {"runs": runs}


def main():
    request = json.load(sys.stdin)
    programs = [judge(p) for p in request["programs"]]
    json.dump({"python": sys.version.split()[0], "numpy": np.__version__, "programs": programs}, sys.stdout)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    main()
