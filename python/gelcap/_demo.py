"""``gelcap demo``: the founding examples through SciPy, natively, under wasmtime and in plain CPython, as a table and a page.

The examples on arrays are in ``_demo_arrays.py``, the page is made by ``_demo_page.py``.
"""

import ctypes
import importlib.util
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from ._demo_arrays import TARGETS, convolve_rows, load as _load, pictures
from ._demo_page import seconds as _time, write as write_page


class Row:
    """One example: a runner per target, the CPython reference, and how to compare the answers; then what came of it."""

    def __init__(self, name, reference, runners, compile_ms, note="", tolerance=0.0, exact=False, by_numpy=False):
        self.name, self.reference, self.runners, self.compile_ms = name, reference, runners, compile_ms
        self.note, self.tolerance, self.exact, self.by_numpy = note, tolerance, exact, by_numpy
        self.times, self.shown, self.ok, self.note_number = {}, "", False, 0


def main(directory=None):
    """Run every example, print the table, write the page; returns the exit status."""
    try:
        import numpy
        import scipy
    except ImportError as e:
        print(f"the demo needs NumPy and SciPy: {e}", file=sys.stderr)
        return 2
    directory = pathlib.Path(directory or "examples/founding")
    if not (directory / "testlib.py").exists():
        print(f"no founding examples in {directory}: run it from the repository or name the folder", file=sys.stderr)
        return 2
    started = time.perf_counter()
    versions = f"Python {sys.version.split()[0]}, NumPy {numpy.__version__}, SciPy {scipy.__version__}"
    print(f"gelcap demo: the founding examples with {versions}\n")
    rows = [row for make in (_nquad, _session, _quad, _add, _transform, _filters, _my_callback) for row in make(directory)]
    rows += convolve_rows(directory, Row)
    notes = _table(rows)
    failures = sum(not row.ok for row in rows)
    page = _page(directory, rows, notes, versions, failures, started)
    verdict = "every answer is CPython's" if not failures else f"{failures} answers differ"
    print(f"\n{len(rows)} examples in {time.perf_counter() - started:.1f} s: {verdict}")
    print(f"the page with pictures, chart and sources: {page}")
    return 1 if failures else 0


def _page(directory, rows, notes, versions, failures, started):
    """Write the page beside the examples' repository, or where the user may write."""
    images = list(pictures(directory))
    names = ("convolve", "shift", "my_callback", "nquad", "integrand", "testlib", "filters", "swirl")
    sources = [(f"{name}.py", (directory / f"{name}.py").read_text(encoding="utf-8")) for name in names]
    gains = [row.times["CPython"] / row.times["native"] for row in rows if "native" in row.times and not row.by_numpy]
    summary = {
        "verdict": "Every answer equal" if not failures else f"{failures} answers differ", "failures": failures,
        "notes": list(notes), "versions": versions, "fastest": max(gains), "seconds": time.perf_counter() - started,
    }
    folder = pathlib.Path("demo")
    if not os.access(".", os.W_OK):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="gelcap-demo-"))
    return write_page(folder, rows, images, sources, summary).resolve()


def _timed(make):
    """(what `make` gives, milliseconds it took): the better of two, so that the first use of the compiler is left out."""
    best = math.inf
    for _ in range(2):
        start = time.perf_counter()
        made = make()
        best = min(best, (time.perf_counter() - start) * 1e3)
    return made, best


def _compiled(function, signature, **options):
    from gelcap import cfunc

    kernels, ms = {}, None
    for target in TARGETS:
        kernels[target], took = _timed(lambda: cfunc(signature, target=target, **options)(function))
        ms = took if ms is None else ms
    return kernels, ms


def _nquad(directory):
    from scipy import LowLevelCallable, integrate

    import gelcap

    ranges = [[0, 10], [-10, 0], [-1, 1]]
    module = _load(directory, "nquad")

    def reference():
        return integrate.nquad(lambda x, y, z: 1.0 + x - y * z, ranges)

    def run(callable_):
        return lambda: integrate.nquad(callable_, ranges)

    rows = []
    one = ctypes.c_double(1.0)
    pointer = ctypes.cast(ctypes.pointer(one), ctypes.c_void_p)
    notations = {
        "C": ("double (int, double *, void *)", module.f_c.py_func),
        "Numba": (str(gelcap.types.double(gelcap.types.intc, gelcap.types.CPointer(gelcap.types.double),
                                          gelcap.types.voidptr)), module.f_numba.py_func),
    }
    for notation, (signature, function) in notations.items():
        kernels, ms = _compiled(function, signature)
        runners = {t: run(k.low_level_callable(one)) for t, k in kernels.items()}
        rows.append(Row(f"nquad, {notation} notation", reference, runners, ms))
    kernels, ms = {}, None
    for target in TARGETS:
        kernels[target], took = _timed(lambda: gelcap.compile(module.PYTHRAN, "f", target=target))
        ms = took if ms is None else ms
    native = kernels["native"]
    name = "double (int, double *, void *)"
    assert name in repr(native.capsule), repr(native.capsule)
    forms = {
        "capsule + user data": LowLevelCallable(native.capsule, pointer),
        "capsule + signature": LowLevelCallable(native.capsule, pointer, signature=name),
        "bind": native.bind(**{native._one().param_names[-1]: 1.0}).low_level_callable(),
    }
    runners = {t: run(k.low_level_callable(one)) for t, k in kernels.items()}
    rows.append(Row("nquad, Pythran notation", reference, runners, ms))
    for form, callable_ in forms.items():
        rows.append(Row(f"nquad, {form}", reference, {"native": run(callable_)}, ms))
    return rows


def _session(directory):
    """Pythran's session: build a file, import it, pass the capsule on."""
    from scipy import LowLevelCallable, integrate

    ranges = [[0, 10], [-10, 0], [-1, 1]]
    folder = tempfile.TemporaryDirectory()
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "gelcap", "build", str(directory / "testlib.py"), "-o", folder.name], check=True,
        stdout=subprocess.DEVNULL,
    )
    ms = (time.perf_counter() - start) * 1e3
    built = next(pathlib.Path(folder.name).glob("testlib*.so"))
    spec = importlib.util.spec_from_file_location("testlib", built)
    testlib = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(testlib)
    plain = _load(directory, "testlib")
    c = ctypes.c_double(1.0)
    pointer = ctypes.cast(ctypes.pointer(c), ctypes.c_void_p)
    func = LowLevelCallable(testlib.f, pointer, signature="double (int, double *, void *)")
    x, w = (ctypes.c_double * 3)(1.0, 2.0, 3.0), (ctypes.c_double * 3)(0.5, 0.25, 0.125)
    return [
        Row("testlib.so: nquad with its capsule", lambda: integrate.nquad(lambda x, y, z: 1.0 + x - y * z, ranges),
            {"native": lambda: integrate.nquad(func, ranges)}, ms, note="built by `gelcap build`", ),
        Row("testlib.so: a plain export", lambda: plain.weighted(3, x, w), {"native": lambda: testlib.weighted(3, x, w)}, ms),
    ]


def _quad(directory):
    from scipy import LowLevelCallable, integrate

    module = _load(directory, "integrand")
    rows = []
    for function, what in ((module.integrand, "np.exp"), (module.integrand_math, "math.exp")):
        kernels, ms = _compiled(function, "float64(float64)")
        native = kernels["native"]
        forms = {
            "capsule": {t: LowLevelCallable(k.capsule) for t, k in kernels.items()},
            "ctypes": {t: k.ctypes for t, k in kernels.items()},
        }
        by_address = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(native.address)
        forms["address"] = {"native": LowLevelCallable(by_address)}
        for form, callables in forms.items():
            rows.append(Row(
                f"quad, {what}, by .{form}",
                lambda function=function: integrate.quad(function, 1, math.inf),
                {t: (lambda c=c: integrate.quad(c, 1, math.inf)) for t, c in callables.items()},
                ms, tolerance=4e-16,
                note="exp: within 1 ulp of the true value, as CPython's and NumPy's are",
            ))
    return rows


def _add(directory):
    module = _load(directory, "add")
    function = module.add.py_func
    kernels, ms = _compiled(function, "float64(float64, float64)")
    return [
        Row("add.ctypes(4.0, 5.0)", lambda: function(4.0, 5.0), {t: (lambda k=k.ctypes: k(4.0, 5.0)) for t, k in kernels.items()}, ms),
        Row("add(4.0, 5.0)", lambda: function(4.0, 5.0), {t: (lambda k=k: k(4.0, 5.0)) for t, k in kernels.items()}, ms),
    ]


def _transform(directory):
    import numpy as np
    from scipy import ndimage

    module = _load(directory, "shift")
    signature = "int (npy_intp *, double *, int, int, double *)"
    shift = 0.5
    rows = []
    for function, what in ((module.transform, "as_array"), (module.transform_basic, "loop")):
        kernels, ms = _compiled(function, signature)
        # Plain CPython is called back a million times for the large one: once is enough.
        for shape in ((4, 3), (1000, 1000)) if what == "as_array" else ((300, 300),):
            image = np.arange(shape[0] * shape[1]).reshape(shape).astype(np.float64)
            callables = {t: k.low_level_callable(ctypes.c_double(shift)) for t, k in kernels.items()}
            rows.append(Row(
                f"geometric_transform {shape[0]}x{shape[1]}, {what}",
                lambda image=image: ndimage.geometric_transform(image, lambda o: (o[0] - shift, o[1] - shift)),
                {t: (lambda c=c, image=image: ndimage.geometric_transform(image, c)) for t, c in callables.items()},
                ms,
            ))
    return rows


def _filters(directory):
    import numpy as np
    from scipy import ndimage

    module = _load(directory, "filters")
    image = np.linspace(0.0, 1.0, 200 * 200).reshape(200, 200) ** 2
    mean, ms_mean = _compiled(module.mean_filter, "int (double *, npy_intp, double *, void *)")
    total, ms_total = _compiled(module.running_sum, "int (double *, npy_intp, double *, npy_intp, void *)")

    def plain_mean(window):
        s = 0.0
        for v in window.tolist():
            s += v
        return s / len(window)

    def plain_sum(line, output):
        values = line.tolist()
        width = len(values) - len(output) + 1
        for i in range(len(output)):
            s = 0.0
            for k in range(width):
                s += values[i + k]
            output[i] = s

    return [
        Row("generic_filter 200x200, 3x3", lambda: ndimage.generic_filter(image, plain_mean, size=3),
            {t: (lambda k=k.low_level_callable(): ndimage.generic_filter(image, k, size=3)) for t, k in mean.items()}, ms_mean),
        Row("generic_filter1d 200x200, 5", lambda: ndimage.generic_filter1d(image, plain_sum, 5),
            {t: (lambda k=k.low_level_callable(): ndimage.generic_filter1d(image, k, 5)) for t, k in total.items()}, ms_total),
    ]


def _my_callback(directory):
    import numpy as np

    from gelcap import jit

    module = _load(directory, "my_callback")
    m, n = 100, 150
    source = np.arange(m * n, dtype=np.float64).reshape(m, n) / 7
    double_p = ctypes.POINTER(ctypes.c_double)

    def by_ctypes(function):
        def run():
            out = np.zeros_like(source)
            function(source.ctypes.data_as(double_p), out.ctypes.data_as(double_p), m, n)
            return out

        return run

    def by_jit(target, function):
        f = jit("void(CPointer(float64), CPointer(float64), int64, int64)", target=target)(function)

        def run():
            out = np.zeros_like(source)
            f(source, out, m, n)
            return out

        return run

    rows = []
    forms = {"carray": module.my_callback, "farray": module.my_callback_fortran, "pointers": module.my_callback_pointers}
    for what, function in forms.items():
        kernels, ms = _compiled(function, "void (double *, double *, int, int)", extents={"in_": "m*n", "out": "m*n"})
        runners = {t: by_ctypes(k.ctypes) for t, k in kernels.items()}
        rows.append(Row(f"my_callback, {what}, by .ctypes", by_ctypes(function), runners, ms))
    runners = {t: by_jit(t, module.my_callback_pointers) for t in TARGETS}
    rows.append(Row("my_callback, pointers, as @jit", by_ctypes(module.my_callback_pointers), runners, ms))
    return rows


def _table(rows):
    """Check and time every row, print it; returns the notes, by their numbers."""
    head = (f"{'example':44s} {'answer':22s} {'CPython':>10s} {'native':>10s} {'wasm':>10s} {'native x':>9s} {'wasm x':>8s} "
            f"{'compile':>9s}")
    print(head)
    print("-" * len(head))
    notes = []
    for row in rows:
        start = time.perf_counter()
        expected = row.reference()
        reference_took = time.perf_counter() - start
        verdicts = [_compare(run(), expected, row) for run in row.runners.values()]
        bad = [v for v in verdicts if not v[0]]
        row.ok = not bad
        row.shown = (bad or sorted(verdicts, key=lambda v: v[1] != "bit for bit", reverse=True))[0][1]
        if row.note and (row.by_numpy or row.shown != "bit for bit"):
            if row.note not in notes:
                notes.append(row.note)
            row.note_number = notes.index(row.note) + 1
        row.times = _interleave({"CPython": row.reference, **row.runners}, reference_took)
        times = row.times
        # What NumPy does is no time of CPython's.
        cells = [_time(times.get(k)) + ("*" if k == "CPython" and row.by_numpy else "") for k in ("CPython", "native", "wasm")]
        ratios = [f"{times['CPython'] / times[t]:.1f}" if t in times else "-" for t in TARGETS]
        shown = row.shown + (f" [{row.note_number}]" if row.note_number else "")
        print(f"{row.name:44s} {shown:22s} {cells[0]:>10s} {cells[1]:>10s} {cells[2]:>10s} {ratios[0]:>9s} {ratios[1]:>8s} "
              f"{row.compile_ms:6.2f} ms", flush=True)
    for number, note in enumerate(notes, 1):
        print(f"[{number}] {note}")
    print("* the time of NumPy's formulation, not of plain CPython")
    return notes


def _compare(found, expected, row):
    """(equal enough, what to print)."""
    import numpy as np

    if isinstance(expected, str):
        return found == expected, expected.partition(":")[0] if found == expected else str(found)
    if row.exact and np.asarray(found).dtype != np.asarray(expected).dtype:
        return False, f"dtype {np.asarray(found).dtype}"
    kept = None if row.exact else float
    found, expected = np.asarray(found, dtype=kept), np.asarray(expected, dtype=kept)
    if found.shape != expected.shape:
        return False, f"shape {found.shape}"
    if found.tobytes() == expected.tobytes():
        return True, "bit for bit"
    scale = np.maximum(np.abs(expected), np.finfo(float).tiny)
    # An integral's error estimate is a difference of two nearly equal numbers: compare what is meant to be exact.
    worst = float(np.max((np.abs(found - expected) / scale).flat[: 1 if found.size == 2 else None]))
    return worst <= row.tolerance, f"rel. diff {worst:.1e}"


def _interleave(runs, reference_took):
    """Median seconds per call: the contenders take turns, a few milliseconds each, for at most half a second. The reference
    has run once already, which is enough where it is slow."""
    samples = {name: [] for name in runs}
    counts = {}
    for name, run in runs.items():
        once = reference_took
        if name != "CPython":
            start = time.perf_counter()
            run()
            once = time.perf_counter() - start
        counts[name] = max(1, min(10_000, int(2e-3 / max(once, 1e-7))))
        samples[name].append(once)
    deadline = time.perf_counter() + 0.5
    for _ in range(15):
        if time.perf_counter() > deadline:
            break
        for name, run in runs.items():
            if samples[name][-1] > 0.2:
                continue
            start = time.perf_counter()
            for _ in range(counts[name]):
                run()
            samples[name].append((time.perf_counter() - start) / counts[name])
    return {name: statistics.median(s[1:] or s) for name, s in samples.items()}
