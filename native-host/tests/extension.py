"""What an extension module must do once it is imported; run by `extension.rs`."""

import array
import ctypes
import gc
import inspect
import platform
import sys
import threading
import traceback

import testlib
from testlib import add, deep, divide, echo, f, first, kind, scale


def fails(error, text, function, *args, **keywords):
    try:
        function(*args, **keywords)
    except Exception as e:
        assert type(e) is error, repr(e)
        assert text in str(e), str(e)
        return e
    raise AssertionError(f"{function.__name__}{args} raised nothing")


# Calls: positional, keywords, defaults, and CPython's messages for wrong ones.
assert testlib.__doc__ == "A module."
assert add(1.0, 2.0) == 3.0 and add(1, 2) == 3.0 and add(True, y=0.5) == 1.5 and add(y=1, x=2) == 3.0
assert add(1) == 3.5
assert str(inspect.signature(add)) == "(x, y=2.5)" and str(inspect.signature(first)) == "(x, y, z=inf)"
assert add.__doc__ == "What it does."
assert add.__module__ == "testlib" and add.__name__ == "add"
fails(TypeError, "add() takes 2 positional arguments but 3 were given", add, 1, 2, 3)
fails(TypeError, "add() missing 1 required positional argument: 'x'", add)
fails(TypeError, "divide() missing 2 required positional arguments: 'a' and 'b'", divide)
fails(TypeError, "add() got an unexpected keyword argument 'z'", add, 1, z=2)
fails(TypeError, "add() got multiple values for argument 'x'", add, 1, x=2)
fails(TypeError, "add() argument 'x' must be a real number, not str", add, "1", 2)
fails(TypeError, "add() argument 'y' must be a real number, not complex", add, 1, 2j)
fails(OverflowError, "int too large to convert to float", add, 1, 10**400)


class Index:
    def __index__(self):
        return 7


class Float:
    def __float__(self):
        return 0.5


assert add(Index(), Float()) == 7.5

# Integers keep their ranges, results their types.
assert echo(-5, 2**64 - 1, True, 0.1)[:2] == (-5, (2**64 - 1, True))
assert echo(Index(), Index(), False, 1)[:2] == (7, (7, False))
assert abs(float(echo(1, 2, True, 0.1)[2]) - 0.1) < 1e-8 and echo(1, 2, True, 0.1)[3] == ()
fails(OverflowError, "echo() argument 'i': 2147483648 does not fit int32", echo, 2**31, 0, True, 0)
fails(OverflowError, "echo() argument 'u': -1 does not fit uint64", echo, 0, -1, True, 0)
fails(OverflowError, "does not fit uint64", echo, 0, 2**64, True, 0)
fails(TypeError, "echo() argument 'i' must be an integer, not float", echo, 1.0, 0, True, 0)
fails(TypeError, "echo() argument 'flag' must be a bool, not int", echo, 1, 0, 1, 0)

# Pointers: buffers, ctypes, addresses; and what they are not.
data = array.array("d", [1.0, 2.0, 3.0])
scale(data, 3, 2.0)
assert list(data) == [2.0, 4.0, 6.0]
c_array = (ctypes.c_double * 2)(1.0, 2.0)
scale(c_array, 2, 3.0)
scale(ctypes.addressof(c_array), 1, 10.0)
scale(ctypes.cast(c_array, ctypes.POINTER(ctypes.c_double)), 1, 10.0)
assert list(c_array) == [300.0, 6.0]
number = ctypes.c_double(4.0)
scale(ctypes.byref(number), 1, 2.0)
scale(ctypes.pointer(number), 1, 2.0)
scale(number, 1, 2.0)
assert number.value == 32.0
assert first(data, number) == 34.0 and first(memoryview(data)[1:], ctypes.byref(number)) == 36.0
assert first(data, ctypes.c_void_p(ctypes.addressof(number))) == 34.0
fails(TypeError, "scale() argument 'x' must be an array or a pointer, not NoneType", scale, None, 3, 1.0)
fails(TypeError, "scale() argument 'x' must be an array or a pointer, not list", scale, [1.0], 1, 1.0)
fails(TypeError, "must point to float64, not float32", scale, array.array("f", [1.0]), 1, 1.0)
fails(TypeError, "must point to float64, not int64", first, array.array("q", [1]), data)
fails(TypeError, "must point to float64, not float32", scale, ctypes.byref(ctypes.c_float()), 1, 1.0)
fails(TypeError, "must point to float64, not int32", scale, ctypes.pointer(ctypes.c_int()), 1, 1.0)
fails(ValueError, "read-only", scale, memoryview(bytes(8)).cast("d"), 1, 1.0)
fails(ValueError, "must be C-contiguous", first, memoryview(data)[::2], data)
fails(ValueError, "null pointer", first, ctypes.POINTER(ctypes.c_double)(), data)
fails(ValueError, "0 is not an address", first, 0, data)
assert first(memoryview(bytes(8)).cast("d"), data) == 2.0
data.append(1.0)  # no buffer is still exported

# Several forms of one function: the exact one, else the first that can take the arguments.
assert [kind(1.5), kind(2), kind(data), kind(x=2), kind(Float()), kind(Index()), kind(True)] == [0, 1, 2, 1, 0, 1, 1]
assert kind(2**63 - 1) == 1 and kind(2**63) == 0
error = fails(TypeError, "kind() has no form for these arguments", kind, "text")
assert str(error).count("\n") == 3
fails(TypeError, "kind() has no form", kind)
fails(TypeError, "kind() has no form", kind, array.array("f", [1.0]))
assert kind.__doc__ == "kind(x: float) -> int\nkind(x: int) -> int\nkind(x: Any) -> int\n\nWhat it does."

# Failures are exceptions with the kernel's lines.
assert divide(2, 1.0) == 0.5
error = fails(ZeroDivisionError, "0 of {x}, 0.1 and 18446744073709551615", divide, 0, 0.1)
frames = traceback.extract_tb(error.__traceback__)
assert [(t.name, t.lineno) for t in frames] == [("fails", frames[0].lineno), ("divide", 5), ("inner", 2)], frames
assert frames[-1].line == "return a / b"
shown = "".join(traceback.format_exception(error))
# Under the expression alone, however this Python draws its marks.
marks = [line for line in shown.splitlines() if line.strip() and set(line) <= set(" ^~")]
assert marks and len(marks[-1].strip()) == len("a / b") and "    return a / b\n" in shown, shown

# Recursion ends in an exception, on small stacks too.
assert deep(1000) is None


def recurse():
    fails(RecursionError, "maximum recursion depth exceeded", deep, 10**9)


recurse()
threading.stack_size(256 << 10)
thread = threading.Thread(target=recurse)
thread.start()
thread.join()

# Another float arithmetic is refused, where one can be had.
libm = ctypes.CDLL("libm.so.6")
DOWNWARD = {"x86_64": 0x400, "aarch64": 0x800000}[platform.machine()]
libm.fesetround(DOWNWARD)
try:
    fails(FloatingPointError, "does not round to nearest", add, 1.0, 2.0)
    fails(TypeError, "must be a real number", add, "1", 2.0)
finally:
    libm.fesetround(0)
assert add(1.0, 2.0) == 3.0

# The capsule, called as SciPy does: by its name and address.
name = "double (int, double *, void *)"
assert f"capsule object \"{name}\"" in repr(f), repr(f)
api = ctypes.pythonapi
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
address = api.PyCapsule_GetPointer(f, name.encode())
kind = [ctypes.c_double, ctypes.c_int, ctypes.POINTER(ctypes.c_double), ctypes.c_void_p]
call = ctypes.PYFUNCTYPE(*kind)(address)
x, c = (ctypes.c_double * 3)(1.0, 2.0, 3.0), ctypes.c_double(10.0)
assert call(3, x, ctypes.addressof(c)) == 5.0
error = fails(ValueError, "n is 4", call, 4, x, ctypes.addressof(c))
assert traceback.extract_tb(error.__traceback__)[-1].line == "error"

# On a thread that runs no Python, the failure is reported rather than lost.
libc = ctypes.CDLL(None)
seen = []
sys.unraisablehook = lambda info: seen.append(str(info.exc_value))
handle = ctypes.c_ulong()
# A thread whose start routine is the callback itself: n is the low half of its argument.
assert libc.pthread_create(ctypes.byref(handle), None, ctypes.c_void_p(address), ctypes.c_void_p(9)) == 0
assert libc.pthread_join(handle, None) == 0
assert seen == ["n is 9"], seen

# A hundred thousand failures leave nothing behind.
def burn(count):
    for _ in range(count):
        try:
            divide(0, 1.0)
        except ZeroDivisionError:
            pass


burn(1000)
gc.collect()
before = sys.getallocatedblocks()
burn(20000)
gc.collect()
assert sys.getallocatedblocks() - before < 200

try:
    import numpy as np
except ImportError:
    np = None
if np is not None:
    a = np.arange(4.0)
    scale(a, 4, 2.0)
    assert a.tolist() == [0.0, 2.0, 4.0, 6.0]
    assert type(echo(1, 2, True, 0.1)[2]) is np.float32
    assert add(np.float32(0.5), np.int8(1)) == 1.5 and echo(np.int16(3), np.uint64(2**63), np.True_, 0)[1][0] == 2**63
    fails(TypeError, "must point to float64, not float32", scale, a.astype("f4"), 1, 1.0)
    fails(TypeError, "must point to float64, not big-endian float64", first, a.astype(">f8"), a)
    fails(TypeError, "must point to float64, not elements of format 'Zd'", first, a.astype("c16"), a)
    fails(ValueError, "must be C-contiguous", first, a[::2], a)
    a.flags.writeable = False
    fails(ValueError, "read-only", scale, a, 1, 1.0)
    assert first(a[1:], a) == 2.0

    class Interface:
        __array_interface__ = a.__array_interface__

    assert first(Interface(), a) == 0.0

# Arrays by the buffer protocol: order, strides, element types; results without a copy, owned or borrowed.
from testlib import corner, flip, fresh

plain = memoryview(array.array("d", [1, 2, 3, 4, 5, 6])).cast("B").cast("d", [2, 3])
assert corner(0, plain, 0) == (6.0, 0) and corner(k=0.5, n=1, m=plain) == (6.0, 0)
where = "corner() argument 'm' must "
fails(TypeError, where + "be an array of 2 dimensions, not list", corner, 0, [[1.0]], 0)
fails(TypeError, where + "be an array of 2 dimensions, not NoneType", corner, 0, None, 0)
fails(TypeError, where + "be an array of float64, not float32", corner, 0, array.array("f", [1]), 0)
fails(TypeError, where + "have 2 dimensions, not 1", corner, 0, array.array("d", [1]), 0)
try:
    import numpy
except ImportError:
    fails(ImportError, "numpy", fresh, 3)
else:
    m = numpy.arange(12.0).reshape(3, 4)
    assert corner(0, m, 0) == (11.0, 0) and corner(0, m.T, 0) == (11.0, 1)
    assert corner(0, numpy.asfortranarray(m), 0) == (11.0, 1) and corner(0, m[:, :1].copy(), 0) == (8.0, 0)
    fails(TypeError, "pass numpy.ascontiguousarray", corner, 0, m[::2, ::2], 0)
    fails(TypeError, "big-endian float64", corner, 0, m.astype(">f8"), 0)
    fails(TypeError, where, corner, 0, numpy.zeros((2, 2), "M8[s]"), 0)
    new = fresh(5)
    assert type(new) is numpy.ndarray and new.tolist() == [0, 0, 0, 0, 1.5] and new.flags.writeable
    part = new[2:]
    del new
    gc.collect()
    part[0] = 7
    assert part.tolist() == [7, 0, 1.5]
    for size in [0, 1, 1000]:
        for _ in range(1000):
            assert fresh(size or 1).size == (size or 1)
    x = numpy.arange(6.0)
    back = flip(x[::2])
    assert back.tolist() == [4, 2, 0] and numpy.shares_memory(back, x) and back.flags.writeable
    back[0] = -1
    assert x[4] == -1
    before = sys.getrefcount(x)
    view = flip(x)
    assert sys.getrefcount(x) == before + 1
    del view
    assert sys.getrefcount(x) == before
    x.flags.writeable = False
    fails(ValueError, "flip() argument 'x' is read-only", flip, x)
    assert flip(array.array("d", [1, 2])).tolist() == [2, 1]

print("all fine")
