"""Memory that a run's arguments lead to: what pointers point into and what arrays lie in.

`Blocks` finds out which arguments share memory, by address, so that every judge can lay it out alike: overlapping
views stay overlapping, and two views of one base stay views of one base.
"""

import ctypes
import re
import struct

import numpy as np

INT64 = range(-(2**63), 2**63)
MEMORY_FORMATS = {
    "bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q",
    "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "float32": "f", "float64": "d",
}


class Overflow64(OverflowError):
    """A Python int left 64 bits."""


class BadCase(Exception):
    """The case is wrong, not the kernel."""


def check_int(value):
    if type(value) is int and value not in INT64:
        raise Overflow64(f"{value} does not fit 64 bits")
    return value


# -- pointers -------------------------------------------------------------------


class Memory:
    def __init__(self, element, values):
        self.element = element
        self.format = MEMORY_FORMATS[element]
        self.size = struct.calcsize("=" + self.format)
        self.bytes = bytearray()
        for value in values:
            self.bytes += self.pack(value)

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


def over_pointer(pointer, shape, dtype, order):
    """An array over the memory of a pointer."""
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    dtype = np.dtype(dtype or pointer.memory.element)
    if any(n < 0 for n in shape):
        raise ValueError("negative dimensions are not allowed")
    count = int(np.prod(shape))
    if count == 0:
        return np.zeros(shape, dtype, order)
    return np.frombuffer(pointer.memory.bytes, dtype, count, pointer.offset).reshape(shape, order=order)


def carray(pointer, shape, dtype=None):
    """As numba.carray and gelcap.carray give one."""
    return over_pointer(pointer, shape, dtype, "C")


def farray(pointer, shape, dtype=None):
    return over_pointer(pointer, shape, dtype, "F")


def as_array(pointer, shape=None):
    return carray(pointer, shape)


# -- arrays ---------------------------------------------------------------------

ARRAY_TYPE = re.compile(r"^(?:const )?(\w+)\[(.*)\]$")


def check_array(value, type_name):
    """Complains about an array that a parameter of the declared type would refuse."""
    match = ARRAY_TYPE.match(type_name)
    dtype = {"bool_": "bool"}.get(match[1], match[1])
    axes = [] if match[2] in ("", "()") else [a.strip() for a in match[2].split(",")]
    if not isinstance(value, np.ndarray) or value.dtype.name != dtype or value.ndim != len(axes):
        raise BadCase(f"{type_name} needs an array of {dtype} with {len(axes)} axes")
    if axes and axes[-1] == "::1" and not value.flags.c_contiguous:
        raise BadCase(f"{type_name} needs a C-contiguous array")
    if axes and axes[0] == "::1" and not value.flags.f_contiguous:
        raise BadCase(f"{type_name} needs a Fortran-contiguous array")


class Block:
    """A range of addresses."""

    def __init__(self, element, start, end, owner):
        self.element, self.start, self.end = element, start, end
        # Kept, so that the memory lives as long as the block.
        self.owners = [owner]
        self.before = self.bytes()

    def bytes(self):
        return ctypes.string_at(self.start, self.end - self.start) if self.end > self.start else b""


def root(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def extent(value):
    """Element type and address range of all memory that an argument's memory is part of."""
    if isinstance(value, Pointer):
        memory = value.memory
        if not memory.bytes:
            return memory.element, id(memory), id(memory)
        start = np.frombuffer(memory.bytes, np.uint8).ctypes.data
        return memory.element, start, start + len(memory.bytes)
    base = root(value)
    start, end = np.lib.array_utils.byte_bounds(base)
    return base.dtype.name, start, end


class Blocks:
    """The memory of a call's arguments, with its contents at the time of making."""

    def __init__(self, values):
        self.blocks = []
        for value in values:
            if not isinstance(value, (Pointer, np.ndarray)):
                continue
            element, start, end = extent(value)
            if element not in MEMORY_FORMATS:
                raise BadCase(f"memory of {element}")
            self.add(Block(element, start, end, value))

    def add(self, new):
        for k, old in enumerate(self.blocks):
            same = (old.start, old.end) == (new.start, new.end)
            if same or (old.start < new.end and new.start < old.end):
                start, end = min(old.start, new.start), max(old.end, new.end)
                if not same:
                    wide = Block(old.element, start, end, new.owners[0])
                    wide.owners += old.owners
                    self.blocks[k] = wide
                return
        self.blocks.append(new)

    def place(self, value):
        """The block in which a pointer or an array lies, and the byte offset; None if in none."""
        if isinstance(value, Pointer):
            _, start, _ = extent(value)
            return self.holding(start, value.offset)
        return self.holding(extent(value)[1], value.ctypes.data - extent(value)[1])

    def holding(self, start, offset):
        for k, block in enumerate(self.blocks):
            if block.start <= start < block.end or block.start == start:
                return {"memory": k, "offset": start - block.start + offset}
        return None

    def after(self):
        return [b.bytes().hex() for b in self.blocks]

    def json(self):
        return [{"element": b.element, "before": b.before.hex(), "after": b.bytes().hex()} for b in self.blocks]


def encode_array(array, blocks):
    """A result: its elements in C order, its layout, and where it lies if that is an argument's memory."""
    name = array.dtype.name
    if name not in MEMORY_FORMATS or not array.dtype.isnative:
        return {"type": f"array of {array.dtype}", "bits": ""}
    place = blocks.place(array) if blocks is not None and array.size else None
    return {
        "type": "array", "dtype": name, "shape": list(array.shape), "bits": array.tobytes().hex(),
        "c": bool(array.flags.c_contiguous), "f": bool(array.flags.f_contiguous), "place": place,
    }


def encode_array_argument(array, blocks):
    if array.dtype.name not in MEMORY_FORMATS or not array.dtype.isnative:
        raise BadCase(f"an array of {array.dtype}")
    return {
        "type": "array", "dtype": array.dtype.name, "shape": list(array.shape), "strides": list(array.strides),
        "writable": bool(array.flags.writeable), **blocks.place(array),
    }
