"""The demo's examples on arrays: the convolution of Cython's document, and the pictures of the page."""

import importlib.util
import time

TARGETS = ("native", "wasm")
SIZES = {100: ("float64", "int64", "float32", "int32"), 1000: ("float64", "int64")}
NOTE = "checked against the same sums in the same order, a whole array at a time in NumPy (plain CPython takes {})"


def load(directory, name):
    """A module of the examples."""
    spec = importlib.util.spec_from_file_location(f"founding_{name}", directory / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def convolve_by_shifts(f, g):
    """The sums of ``naive_convolve``, for every pixel in the same order, so that the bits are the same."""
    import numpy as np

    smid, tmid = g.shape[0] // 2, g.shape[1] // 2
    (height, width), (rows, columns) = f.shape, g.shape
    h = np.zeros((height + 2 * smid, width + 2 * tmid), dtype=f.dtype)
    # A pixel (x, y) adds g[smid - s, tmid - t] * f[x - smid + s, y - tmid + t], s and t ascending.
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            h[row : row + height, column : column + width] += g[row, column] * f
    return h


def inputs(size, dtype):
    """The image and the filter of Cython's document."""
    import numpy as np

    f = np.arange(size * size, dtype=dtype).reshape((size, size))
    g = np.arange(81, dtype=dtype).reshape((9, 9))
    return f, g


def convolve_rows(directory, Row):
    """Every dtype, layout and size; and the ValueError."""
    import numpy as np

    from gelcap import jit

    naive_convolve = load(directory, "convolve").naive_convolve
    kernels, took = {}, {target: [] for target in TARGETS}
    # Compiled twice, so that the first use of the compiler is left out.
    for target in (*TARGETS, *TARGETS):
        start = time.perf_counter()
        kernels[target] = jit(naive_convolve, target=target)
        kernels[target](*inputs(4, "float64"))
        took[target].append((time.perf_counter() - start) * 1e3)
    ms = min(took["native"])

    def row(name, f, g, reference, note="", **more):
        runners = {t: (lambda k=k: k(f, g)) for t, k in kernels.items()}
        return Row(name, reference, runners, ms, note=note, exact=True, **more)

    rows = []
    for size, dtypes in SIZES.items():
        for dtype in dtypes:
            f, g = inputs(size, dtype)
            name = f"naive_convolve N={size} {dtype}"
            if size == 100:
                rows.append(row(name, f, g, lambda f=f, g=g: naive_convolve(f, g)))
            else:
                note = NOTE.format("more than a minute")
                rows.append(row(name, f, g, lambda f=f, g=g: convolve_by_shifts(f, g), note, by_numpy=True))
    note = NOTE.format("a second")
    for dtype in ("float64", "int64"):
        f, g = inputs(100, dtype)
        strided = inputs(200, dtype)[0][::2, 1::2]
        for layout, image, kernel in (("transposed", f.T, g.T), ("strided", strided, g[::-1, ::-1])):
            name = f"naive_convolve N=100 {dtype} {layout}"
            reference = lambda f=image, g=kernel: convolve_by_shifts(f, g)  # noqa: E731
            rows.append(row(name, image, kernel, reference, note, by_numpy=True))
    # That the two references agree is shown by their answers, not by argument.
    f, g = inputs(12, "float64")
    assert convolve_by_shifts(f, g).tobytes() == naive_convolve(f, g).tobytes()
    even = np.ones((2, 2))
    rows.append(Row(
        "naive_convolve, an even filter", _raised(naive_convolve, f, even),
        {t: _raised(k, f, even) for t, k in kernels.items()}, ms,
    ))
    return rows


def _raised(function, *args):
    def run():
        try:
            function(*args)
        except ValueError as e:
            return f"ValueError: {e}"
        return "no exception"

    return run


def pictures(directory):
    """(title, caption, before, after) of a convolved image and two geometric transforms; images as floats from 0 to 1."""
    import ctypes

    import numpy as np
    from scipy import LowLevelCallable, ndimage

    from gelcap import cfunc, jit

    image = _scene(320)
    signature = "int (npy_intp *, double *, int, int, double *)"
    naive_convolve = jit(load(directory, "convolve").naive_convolve)
    yield "naive_convolve", "The filter finds edges: a difference of two bells, 13 x 13.", image, _edges(naive_convolve, image)
    made = cfunc(signature)(load(directory, "shift").transform)
    moved = ndimage.geometric_transform(image, made.low_level_callable(ctypes.c_double(48.5)))
    yield "transform", "ndimage.geometric_transform with Pythran's callback: a shift of 48.5 pixels.", image, moved
    made = cfunc(signature)(load(directory, "swirl").swirl)
    data = (ctypes.c_double * 4)(160.0, 160.0, 3.0, 90.0)
    turned = ndimage.geometric_transform(image, made.low_level_callable(data))
    yield "swirl", "The same with a callback that turns: exp, sin and cos for every pixel.", image, np.clip(turned, 0.0, 1.0)


def _scene(size):
    """Rings, disks and a checkerboard, so that every filter finds something."""
    import numpy as np

    y, x = np.mgrid[0:size, 0:size] / size
    image = 0.35 + 0.25 * np.sin(42 * np.hypot(x - 0.5, y - 0.5))
    image += 0.35 * (np.hypot(x - 0.28, y - 0.3) < 0.12) - 0.3 * (np.hypot(x - 0.7, y - 0.66) < 0.16)
    board = (np.floor(x * 20) + np.floor(y * 20)) % 2
    image = np.where((x > 0.62) & (y < 0.36), 0.15 + 0.7 * board, image)
    return np.clip(image, 0.0, 1.0)


def _edges(naive_convolve, image):
    import numpy as np

    y, x = np.mgrid[-6:7, -6:7]
    narrow, wide = np.exp(-(x * x + y * y) / 2.0), np.exp(-(x * x + y * y) / 12.0)
    found = naive_convolve(image, narrow / narrow.sum() - wide / wide.sum())[6:-6, 6:-6]
    return np.clip(0.5 + 2.2 * found, 0.0, 1.0)
