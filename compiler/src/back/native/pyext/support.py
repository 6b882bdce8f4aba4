"""What extension modules do rarely, and so do in Python: odd arguments, messages, tracebacks.

The text of this file is a constant of every extension module, followed by the tables EXPORTS and SITES; it runs when
it is first needed. It must not need gelcap, nor import anything heavy before an error happens.
"""

import builtins
import operator
import sys
import types

KINDS_BY_LETTERS = [("bhilqn", "int"), ("BHILQN", "uint"), ("efdg", "float"), ("?", "bool")]

# Struct format letters by what they stand for. The sizes are compared apart: `l` has 4 or 8 bytes.
KINDS = {letter: kind for letters, kind in KINDS_BY_LETTERS for letter in letters}


def bind(export, values, count, keywords):
    """The arguments of a call by position: `values` are `count` positional ones, then those of `keywords`."""
    name, parameters = EXPORTS[export]
    if keywords is not None and len(values) == len(parameters):
        named = dict(zip(keywords, values[count:]))
        try:
            return values[:count] + tuple([named[p[0]] for p in parameters[count:]])
        except KeyError:
            pass  # Something is wrong with the call; what, is found below.
    names = [p[0] for p in parameters]
    if count > len(names):
        plural = "" if len(names) == 1 else "s"
        were = "was" if count == 1 else "were"
        raise TypeError(f"{name}() takes {len(names)} positional argument{plural} but {count} {were} given")
    bound = dict(zip(names, values[:count]))
    for key, value in zip(keywords or (), values[count:]):
        if key not in names:
            raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
        if key in bound:
            raise TypeError(f"{name}() got multiple values for argument '{key}'")
        bound[key] = value
    for parameter in parameters:
        if "default" in parameter[2]:
            bound.setdefault(parameter[0], parameter[2]["default"])
    missing = [repr(n) for n in names if n not in bound]
    if missing:
        plural = "" if len(missing) == 1 else "s"
        listed = missing[0] if len(missing) == 1 else ", ".join(missing[:-1]) + " and " + missing[-1]
        raise TypeError(f"{name}() missing {len(missing)} required positional argument{plural}: {listed}")
    return tuple(bound[n] for n in names)


def choose(export, values, count, keywords):
    """The number of the form of a function that takes these arguments, from 1: the first that fits well, else the
    first that fits."""
    name = EXPORTS[export][0]
    forms = [i for i, e in enumerate(EXPORTS) if e[0] == name]
    fitting = []
    errors = []
    for number, form in enumerate(forms, 1):
        try:
            bound = bind(form, values, count, keywords)
            for position, value in enumerate(bound):
                convert(form, position, value)
        except (TypeError, ValueError, OverflowError) as e:
            errors.append(f"{e}")
            continue
        kinds = [p[1] for p in EXPORTS[form][1]]
        if not any(is_stretched(kind, value) for kind, value in zip(kinds, bound)):
            return number
        fitting.append(number)
    if fitting:
        return fitting[0]
    raise TypeError(f"{name}() has no form for these arguments:\n  " + "\n  ".join(errors))


def is_stretched(kind, value):
    """An integer for a float, or for an address: another form may want the integer itself."""
    return (kind == "float" and hasattr(type(value), "__index__")) or (kind == "pointer" and isinstance(value, int))


def convert(export, position, value):
    """An object that fills the parameter's slot without further questions."""
    name, parameters = EXPORTS[export]
    parameter, kind, details = parameters[position]
    return CONVERT[kind](f"{name}() argument '{parameter}'", details, value)


def to_float(where, details, value):
    cls = type(value)
    if isinstance(value, complex) or not (hasattr(cls, "__float__") or hasattr(cls, "__index__")):
        raise TypeError(f"{where} must be a real number, not {cls.__name__}")
    return float(value)


def to_int(where, details, value):
    try:
        index = operator.index(value)
    except TypeError:
        raise TypeError(f"{where} must be an integer, not {type(value).__name__}") from None
    low, high = details["range"]
    if not low <= index <= high:
        shown = str(index) if abs(index) < 10**40 else "the number"
        raise OverflowError(f"{where}: {shown} does not fit {details['dtype']}")
    # As a signed word, which is how a slot is filled.
    return int(index) - (1 << 64 if index >= 1 << 63 else 0)


def to_bool(where, details, value):
    if not isinstance(value, bool) and (type(value).__module__, type(value).__name__) not in NUMPY_BOOLS:
        raise TypeError(f"{where} must be a bool, not {type(value).__name__}")
    return bool(value)


NUMPY_BOOLS = [("numpy", "bool"), ("numpy", "bool_")]


def to_pointer(where, details, value):
    """An address as int, or an object whose buffer starts there."""
    if isinstance(value, int):
        if not 0 < value < 1 << 64:
            raise ValueError(f"{where}: {value} is not an address")
        return int(value)
    found = ctypes_address(where, details, value)
    if found is not None:
        return found
    if hasattr(value, "__array_interface__") or hasattr(value, "__array_struct__"):
        value = asarray(value)
    try:
        view = memoryview(value)
    except TypeError:
        raise TypeError(f"{where} must be an array or a pointer, not {type(value).__name__}") from None
    check_element(where, details, view)
    if details["writable"] and view.readonly:
        raise ValueError(f"{where} is read-only, and the function writes to it")
    if not view.c_contiguous:
        raise ValueError(f"{where} must be C-contiguous: pass numpy.ascontiguousarray(...)")
    return view


def to_none(where, details, value):
    if value is not None:
        raise TypeError(f"{where} must be None, not {type(value).__name__}")


def to_array(where, details, value):
    """An object with a buffer of the declared element type, rank and order."""
    rank, order = details["rank"], details["order"]
    axes = "an array" if rank == 1 else f"an array of {rank} dimensions"
    if hasattr(value, "__array_interface__") or hasattr(value, "__array_struct__"):
        value = asarray(value)
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError):
        raise TypeError(f"{where} must be {axes}, not {type(value).__name__}") from None
    wanted, found = details["element"], element(view)
    if found != wanted:
        raise TypeError(f"{where} must be an array of {wanted}, not {found}")
    if view.ndim != rank:
        raise TypeError(f"{where} must have {rank} dimension{'' if rank == 1 else 's'}, not {view.ndim}")
    if details["writable"] and view.readonly:
        raise ValueError(f"{where} is read-only, and the function writes to it")
    if order == "C" and not view.c_contiguous:
        raise TypeError(f"{where} must be C-contiguous: pass numpy.ascontiguousarray(...)")
    if order == "F" and not view.f_contiguous:
        raise TypeError(f"{where} must be Fortran-contiguous: pass numpy.asfortranarray(...)")
    return view


def asarray(value):
    try:
        memoryview(value)
        return value
    except (TypeError, ValueError, BufferError):
        import numpy

        return numpy.asarray(value)


def ctypes_address(where, details, value):
    """The address that a ctypes pointer or `byref` holds; None for anything else."""
    ctypes = sys.modules.get("ctypes")
    if ctypes is None:
        return None
    if type(value).__name__ == "CArgObject" and hasattr(value, "_obj"):
        check_element(where, details, memoryview(value._obj))
    elif isinstance(value, ctypes._Pointer):
        pointee = value._type_
        check_element(where, details, memoryview((pointee * 0)()))
    elif not isinstance(value, ctypes.c_void_p):
        return None
    address = ctypes.cast(value, ctypes.c_void_p).value
    if not address:
        raise ValueError(f"{where} is a null pointer")
    return address


def check_element(where, details, view):
    wanted = details["element"]
    found = element(view)
    if wanted is None:
        # A pointer or an object is nothing to point into.
        letters = (view.format or "B").lstrip("<=@>!")
        if letters[0] in "&PzOX" or letters == "Z":
            raise TypeError(f"{where} cannot point to {found}")
    elif found != wanted:
        raise TypeError(f"{where} must point to {wanted}, not {found}")


def element(view):
    """The NumPy name of a buffer's element type, or the format of one that has none."""
    letters = view.format or "B"
    kind = KINDS.get(letters.lstrip("<=@>!"))
    swapped = letters[0] in ">!" and view.itemsize > 1
    if kind is None:
        return f"elements of format {letters!r}"
    name = kind if kind == "bool" else f"{kind}{8 * view.itemsize}"
    return f"big-endian {name}" if swapped else name


CONVERT = {"float": to_float, "int": to_int, "bool": to_bool, "pointer": to_pointer, "array": to_array, "none": to_none}


def refuse_float_state():
    raise FloatingPointError(
        "this thread flushes subnormal numbers to zero or does not round to nearest, so results would be wrong"
    )


def numpy_scalar(dtype, value):
    """A NumPy scalar; the Python one where NumPy is not installed."""
    cls = NUMPY_SCALARS.get(dtype)
    if cls is None:
        try:
            import numpy
        except ImportError:
            return value
        cls = NUMPY_SCALARS[dtype] = getattr(numpy, "bool_" if dtype == "bool" else dtype)
    return cls(value)


NUMPY_SCALARS = {}


class Memory:
    """What an array's elements belong to: a capsule that owns them, or an argument."""

    __slots__ = ("held", "__array_interface__")


def array(dtype, words, held):
    """The NumPy array at `words`: the address, the shape, the strides. `held` owns its memory; or it holds the
    arguments, one of which does."""
    import numpy

    rank = len(words) // 2
    address, shape, strides = words[0], words[1 : 1 + rank], words[1 + rank :]
    readonly = False
    if isinstance(held, tuple):
        for argument in held:
            argument = numpy.asarray(argument)
            low, high = byte_bounds(argument)
            if low <= address < high:
                held, readonly = argument, not argument.flags.writeable
                break
    memory = Memory()
    memory.held = held
    memory.__array_interface__ = {
        "version": 3,
        "typestr": numpy.dtype(dtype).str,
        "data": (address, readonly),
        "shape": shape,
        "strides": strides,
    }
    return numpy.asarray(memory)


def byte_bounds(array):
    """The first address of an array's elements and the one behind the last."""
    low = high = array.__array_interface__["data"][0]
    if array.size:
        for length, stride in zip(array.shape, array.strides):
            if stride < 0:
                low += stride * (length - 1)
            else:
                high += stride * (length - 1)
        high += array.itemsize
    return low, high


def exception(site, *words):
    """The exception of a site, its traceback pointing at the kernel's source."""
    import struct

    name, template, frames = SITES[site]
    unsigned = [word & 0xFFFF_FFFF_FFFF_FFFF for word in words]
    floats = struct.unpack(f"{len(words)}d", struct.pack(f"{len(words)}q", *words))
    message = template.format(*words, *unsigned, *floats)
    error = getattr(builtins, name)(*([message] if message else []))
    trace = None
    for frame in frames:
        trace = types.TracebackType(trace, *stub(frame))
    return error.with_traceback(trace)


def stub(place):
    """A frame that stands at a place in the kernel, its last instruction, its line."""
    code = STUBS.get(place)
    if code is None:
        import ast

        function, file, line, column, end_line, end_column = place
        tree = ast.Expression(ast.Call(ast.Name("here", ast.Load()), [], []))
        for node in ast.walk(tree):
            node.lineno, node.end_lineno = line, end_line
            node.col_offset, node.end_col_offset = column, end_column
        code = compile(tree, file, "eval").replace(co_name=function, co_qualname=function)
        STUBS[place] = code
    frame, instruction = eval(code, {"here": here})
    return frame, instruction, place[2]


STUBS = {}


def here():
    frame = sys._getframe(1)
    return frame, frame.f_lasti
