"""Arguments that are neither NumPy arrays nor buffers: what NumPy makes of them without copying."""

_PROTOCOLS = ("__array_interface__", "__array_struct__", "__array__", "__dlpack__")


def as_array(value):
    """A NumPy array over the value's memory; a read-only copy where the value has no memory of that form.

    Raises TypeError for what is no array, with what to pass instead.
    """
    kind = type(value).__name__
    if value is None:
        raise TypeError("None is no array")
    if isinstance(value, (list, tuple)):
        raise TypeError(f"a {kind} is no array: pass numpy.array(x)")
    if isinstance(value, complex):
        raise TypeError("complex numbers are not supported yet: pass x.real and x.imag")
    if not any(hasattr(value, name) for name in _PROTOCOLS):
        raise TypeError(f"a kernel takes numbers and arrays, not {kind}")
    try:
        import numpy as np
    except ImportError:
        raise TypeError(f"to pass a {kind}, NumPy must be installed") from None
    if isinstance(value, np.generic):
        raise TypeError(f"a scalar of type {kind} is not supported: pass int(x) or float(x)")
    if not any(hasattr(value, name) for name in _PROTOCOLS[:3]):
        try:
            return np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            raise TypeError(f"NumPy cannot read this {kind}: {error}") from error
    try:
        return _viewed(np, value)
    except (AttributeError, BufferError, RuntimeError, TypeError) as error:
        raise TypeError(f"NumPy cannot read this {kind}: {error}") from error


def _viewed(np, value):
    try:
        return np.asarray(value, copy=False)
    except ValueError:
        # A copy: a kernel that writes to it must not seem to write to the value.
        made = np.array(value)
        made.flags.writeable = False
        return made
    except TypeError:
        # NumPy before 2.0 does not know `copy`, and an __array__ method of its time may not either.
        made = np.asarray(value)
        if made.base is None and made.flags.owndata:
            made.flags.writeable = False
        return made
