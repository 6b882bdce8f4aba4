"""The reference judge: runs kernels as CPython and NumPy run them.

Reads one JSON object from standard input and writes one to standard output; no
number passes through decimal text, floats and NumPy scalars travel as hex bits.

    {"programs": [{"name", "source", "signatures": {kernel: [type, ...]} or null,
                   "ulp", "lets": [text, ...], "runs": [text, ...]}]}
    {"python", "numpy", "programs": [{"runs": [run, ...]} or {"error": text}]}

A run's text is what follows `# run:`, that is `f(args)`, `f(args) == value` or
`f(args) raises Class "message"`.  Arguments are Python expressions; they are
converted to the types of the signature, so that a kernel gets Python scalars
or NumPy scalars as it would in use.  `ptr(float64, [1.0, 2.0])` is memory that
a pointer leads to, `p.at(2)` the address of its third element, and the same
object passed twice is one memory: `f((p := ptr(int32, [1, 2])), p.at(1))`.  Arrays
are passed as they are; views of one base are views of one base for every judge.
Without signatures the arguments alone say what is called, as for a lazy `jit`.
Statements of `# let:` are executed anew for each run, for names that it uses.

Python's int has 64 bits in a kernel: each result of an operator or a call that
is a larger int is an OverflowError.  So every program runs a second time with
such a check put round each expression, and where it strikes that is the answer
(its message is ours, and therefore not compared); the other one comes along as
"exact", for who got it without leaving 64 bits.
"""

import ast
import json
import math
import operator
import re
import signal
import struct
import sys
import types

import numpy as np

from reference_memory import (
    ARRAY_TYPE, INT64, MEMORY_FORMATS, BadCase, Blocks, Overflow64, Pointer, as_array, carray, check_array, check_int,
    encode_array, encode_array_argument, farray, ptr,
)

DTYPES = {
    "bool_": np.bool_, "bool": np.bool_,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64,
    "float32": np.float32, "float64": np.float64,
}
# A run that takes longer is not for a test. The processor's time, so that it is the same run on a busy machine.
SECONDS = 5
# Python's ints may grow in the run without limits, but not without end.
MOST_BITS = 1 << 16
# Messages of builtin errors change between versions; those that cases state are of this one.
SAME_MESSAGES = sys.version_info[:2] == (3, 11)


def too_long(signum, frame):
    raise BadCase(f"it does not end in {SECONDS} seconds")


# -- stand-ins for modules -------------------------------------------------------


def stand_in(name, **members):
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module


np.ctypeslib.as_array = as_array
SCALARS = {t: getattr(np, t) for t in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                                       "float32", "float64", "bool_")}
stand_in("gelcap", carray=carray, farray=farray, Array=list, Ptr=list, **SCALARS)
stand_in("numba", carray=carray, farray=farray, **SCALARS)


# -- programs -------------------------------------------------------------------


def check_shift(value, count):
    """`value << count`, which must not fill the memory first."""
    if type(value) is int and type(count) is int and value != 0 and count > 63:
        raise Overflow64(f"{value} << {count} does not fit 64 bits")
    return value << count


def bounded_shift(value, count):
    """The same for unlimited ints: gigabytes of zeros take seconds, or fail for want of memory on a busy machine."""
    if type(value) is int and type(count) is int and value != 0 and count > MOST_BITS:
        raise Overflow64(f"{value} << {count} is too large")
    return value << count


class BoundShifts(ast.NodeTransformer):
    """Puts `__bounded_shift(...)` in the place of every `<<`."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.LShift):
            return node
        shift = ast.Call(ast.Name("__bounded_shift", ast.Load()), [node.left, node.right], [])
        return ast.copy_location(shift, node)


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
        # Not as `x = x + y`: an array is changed in place.
        load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        name = ast.Constant(type(node.op).__name__)
        value = ast.Call(ast.Name("__augmented", ast.Load()), [name, load, node.value], [])
        return ast.copy_location(ast.Assign([node.target], ast.copy_location(value, node)), node)


IN_PLACE = {
    "Add": operator.iadd, "Sub": operator.isub, "Mult": operator.imul, "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv, "Mod": operator.imod, "Pow": operator.ipow, "LShift": operator.ilshift,
    "RShift": operator.irshift, "BitAnd": operator.iand, "BitOr": operator.ior, "BitXor": operator.ixor,
    "MatMult": operator.imatmul,
}


def augmented(name, target, value):
    if name == "LShift" and type(target) is int:
        return check_int(check_shift(target, value))
    return check_int(IN_PLACE[name](target, value))


def load(name, source, checked):
    tree = ast.parse(source, name)
    tree = ast.fix_missing_locations((CheckInts() if checked else BoundShifts()).visit(tree))
    namespace = {
        "__name__": name, "__check_int": check_int, "__check_shift": check_shift, "__augmented": augmented,
        "__bounded_shift": bounded_shift,
    }
    exec(compile(tree, name, "exec"), namespace)
    return namespace


# -- values ---------------------------------------------------------------------


def bits(value, format):
    return struct.pack(">" + format, value).hex()


def encode(value, blocks=None):
    """A value with its exact type and bits."""
    if value is None:
        return {"type": "None"}
    if isinstance(value, np.ndarray):
        return encode_array(value, blocks)
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
        return {"type": "tuple", "items": [encode(v, blocks) for v in value]}
    return {"type": type(value).__name__, "bits": repr(value)}


def elements(array):
    return [encode(v) for v in np.frombuffer(bytes.fromhex(array["bits"]), array["dtype"])]


FLOATS = {"float": "d", "np.float64": "d", "np.float32": "f"}


def same(a, b, ulp):
    """Equal types and bits; any NaN equals any NaN."""
    if a["type"] != b["type"]:
        return False
    if a["type"] == "tuple":
        return len(a["items"]) == len(b["items"]) and all(same(x, y, ulp) for x, y in zip(a["items"], b["items"]))
    if a["type"] == "array":
        return (a["dtype"], a["shape"]) == (b["dtype"], b["shape"]) and all(
            same(x, y, ulp) for x, y in zip(elements(a), elements(b))
        )
    if a == b or a["type"] not in FLOATS:
        return a == b
    x, y = (struct.unpack(">" + FLOATS[v["type"]], bytes.fromhex(v["bits"]))[0] for v in (a, b))
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    near = abs(int(a["bits"], 16) - int(b["bits"], 16)) <= ulp
    return near and math.isfinite(x) and math.isfinite(y)


def convert(value, type_name):
    """An argument as a kernel with this parameter type gets it."""
    if type_name.endswith(" | None"):
        return None if value is None else convert(value, type_name.removesuffix(" | None"))
    if ARRAY_TYPE.match(type_name) and not type_name.startswith(("tuple[", "list[")):
        check_array(value, type_name)
        return value
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


def evaluate(text, lets=()):
    """In a namespace of its own: a `:=` must not outlive its run."""
    names = dict(HELPERS)
    with np.errstate(all="ignore"):
        for let in lets:
            exec(let, names)
        return eval(text, names)


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


def expectation(rest, lets):
    if not rest:
        return None
    if rest.startswith("=="):
        return {"returned": encode(evaluate(rest[2:].strip(), lets))}
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


def arguments(call, types, lets):
    if call.keywords or types is not None and len(call.args) != len(types):
        raise BadCase(f"{len(call.args)} arguments for {len(types)} parameters")
    # Evaluated together, so that `(p := ptr(...))` is known to later arguments.
    values = evaluate(ast.unparse(ast.Tuple(call.args, ast.Load())), lets)
    return list(values) if types is None else [convert(v, t) for v, t in zip(values, types)]


def execute(namespace, name, args, blocks):
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with np.errstate(all="ignore"):
            return {"returned": encode(namespace[name](*args), blocks)}
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
        signal.setitimer(signal.ITIMER_PROF, 0)


def encode_argument(value, blocks):
    if isinstance(value, Pointer):
        return blocks.place(value)
    if isinstance(value, np.ndarray):
        return encode_array_argument(value, blocks)
    return encode(value)


def run(plain, checked, program, text):
    signatures, lets = program["signatures"], program["lets"]
    call, rest = split(text)
    name = call.func.id
    if name not in plain or signatures is not None and name not in signatures:
        raise BadCase(f"{name} is not exported")
    types = None if signatures is None else signatures[name]
    args = arguments(call, types, lets)
    blocks = Blocks(args)
    outcome = execute(plain, name, args, blocks)
    again = arguments(call, types, lets)
    blocks_again = Blocks(again)
    second = execute(checked, name, again, blocks_again)
    # The checked program differs only where an int left 64 bits.
    exact = None
    if second == {"raised": {"class": "OverflowError", "message": None}}:
        # The answer without the limit is as good, where a judge comes to it all the same: constants are exact.
        if outcome != second:
            exact = {**outcome, "memories": blocks.after()}
        args, outcome, blocks = again, second, blocks_again
    result = {
        "kernel": name,
        "args": [encode_argument(a, blocks) for a in args],
        "memories": blocks.json(),
        **outcome,
        "exact": exact,
    }
    expected = expectation(rest, lets)
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
    signal.signal(signal.SIGPROF, too_long)
    main()
