#!/usr/bin/env python3
"""What gelcap costs, against gcc -O3 and against nothing, measured in one process.

    python benchmarks/run.py [--samples 240] [--only NAME]

Contenders take turns, in an order that is shuffled every round; a sample is a batch of at least a millisecond, timed by
the thread's CPU clock. A ratio is the median of the paired ratios of all rounds, with the interval that holds the middle
95 % of medians of resampled rounds (bootstrap). Needs gcc, NumPy and SciPy.
"""

import argparse
import ctypes
import gc
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NQUAD = [[0, 10], [-10, 0], [-1, 1]]


def sample(run, count):
    """Seconds of thread CPU time per call over a batch."""
    start = time.thread_time()
    for _ in range(count):
        run()
    return (time.thread_time() - start) / count


def paired(contenders, rounds, rng):
    """Per-round seconds of every contender, interleaved."""
    counts = {}
    for name, run in contenders.items():
        run()
        once = max(sample(run, 1), 1e-8)
        counts[name] = max(1, int(1.5e-3 / once))
    times = {name: [] for name in contenders}
    order = list(contenders)
    gc.disable()
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            times[name].append(sample(contenders[name], counts[name]))
    gc.enable()
    return times


def ratio(times, ours, base, rng):
    """(median of paired ratios, low, high)."""
    ratios = [a / b for a, b in zip(times[ours], times[base])]
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(400))
    return statistics.median(ratios), medians[9], medians[390]


def report(name, times, base, rng):
    """Prints the contenders' table and gives its rows."""
    rounds = len(times[base])
    print(f"\n{name}, {rounds} rounds", flush=True)
    rows = []
    for contender, samples in times.items():
        median, low, high = ratio(times, contender, base, rng)
        best = min(samples)
        print(f"  {contender:12s} min {best * 1e6:10.3f} us   x {base}: {median:6.3f}  [{low:.3f}, {high:.3f}]")
        rows.append({"name": name, "contender": contender, "base": base, "min_us": best * 1e6, "ratio": median, "low": low,
                     "high": high, "rounds": rounds})
    return rows


def write(rows, path):
    out = pathlib.Path(path)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=1) + "\n")


def build_c(folder):
    library = folder / "callbacks.so"
    subprocess.run(["gcc", "-O3", "-shared", "-fPIC", "-fno-math-errno", str(HERE / "c/callbacks.c"), "-o", str(library), "-lm"],
                   check=True)
    lib = ctypes.CDLL(str(library))
    lib.f.restype = lib.integrand.restype = ctypes.c_double
    lib.f.argtypes = (ctypes.c_int, ctypes.POINTER(ctypes.c_double), ctypes.c_void_p)
    lib.integrand.argtypes = (ctypes.c_double,)
    lib.transform_basic.restype = ctypes.c_int
    lib.transform_basic.argtypes = (ctypes.POINTER(ctypes.c_ssize_t), ctypes.POINTER(ctypes.c_double), ctypes.c_int,
                                    ctypes.c_int, ctypes.c_void_p)
    for name in ("drive_f", "drive_integrand", "drive_transform"):
        getattr(lib, name).restype = ctypes.c_double
        getattr(lib, name).argtypes = (ctypes.c_void_p, ctypes.c_long)
    return lib


def capsule(function, name):
    """A gcc function as a PyCapsule, so that SciPy takes the very same path to both."""
    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    keep = ctypes.create_string_buffer(name)
    made = new(ctypes.cast(function, ctypes.c_void_p), keep, None)
    capsule.kept.append((keep, function))
    return made


capsule.kept = []

SOURCE = '''
from math import exp

def f(n, x, cp):
    c = cp[0]
    return c + x[0] - x[1] * x[2]

def integrand(t):
    return exp(-t) / t**2

def transform_basic(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    shift = user_data[0]
    for i in range(input_rank):
        input_coordinates[i] = output_coordinates[i] - shift
    return 1
'''
SIGNATURES = {
    "f": ("double (int, double *, double *)", b"double (int, double *, void *)"),
    "integrand": ("double (double)", b"double (double)"),
    "transform_basic": ("int (npy_intp *, double *, int, int, double *)", b"int (npy_intp *, double *, int, int, void *)"),
}


def callbacks(lib, rounds, rng):
    import numpy as np
    from scipy import LowLevelCallable, integrate, ndimage

    import gelcap

    ours, gcc = {}, {}
    for name, (signature, scipy_name) in SIGNATURES.items():
        ours[name] = {t: gelcap.compile(SOURCE, name, signature, target=t) for t in ("native", "wasm")}
        gcc[name] = capsule(getattr(lib, name), scipy_name)
    c = ctypes.c_double(1.0)
    shift = ctypes.c_double(0.5)
    p, q = (ctypes.cast(ctypes.pointer(v), ctypes.c_void_p) for v in (c, shift))
    image = np.arange(250_000, dtype=np.float64).reshape(500, 500)

    def scipy_runs(name, user_data, run):
        data = {} if user_data is None else {"user_data": user_data[0]}
        runs = {"gcc": LowLevelCallable(gcc[name], **data)}
        for target, k in ours[name].items():
            runs[target] = k.low_level_callable() if user_data is None else k.low_level_callable(user_data[1])
        runs["gcc again"] = runs["gcc"]
        return {k: (lambda v=v: run(v)) for k, v in runs.items()}

    yield "nquad", "gcc", scipy_runs("f", (p, c), lambda v: integrate.nquad(v, NQUAD)), rounds
    yield "quad", "gcc", scipy_runs("integrand", None, lambda v: integrate.quad(v, 1, np.inf)), rounds
    yield ("geometric_transform 500x500", "gcc",
           scipy_runs("transform_basic", (q, shift), lambda v: ndimage.geometric_transform(image, v, order=1)), rounds)
    for name, drive in (("f", lib.drive_f), ("integrand", lib.drive_integrand), ("transform_basic", lib.drive_transform)):
        addresses = {"gcc": ctypes.cast(getattr(lib, name), ctypes.c_void_p).value, "native": ours[name]["native"].address}
        addresses["gcc again"] = addresses["gcc"]
        yield (f"{name} called from C, 1e5 times", "gcc",
               {k: (lambda a=a: drive(a, 100_000)) for k, a in addresses.items()}, rounds)


def python_calls(rounds):
    import gelcap

    f = gelcap.compile("def f(x, y):\n    return x + y\n", "f", "double (double, double)", target="native")

    def empty(n=1000):
        for _ in range(n):
            pass

    def called(n=1000, f=f):
        for _ in range(n):
            f(1.0, 2.0)

    def plain(n=1000, f=lambda x, y: x + y):
        for _ in range(n):
            f(1.0, 2.0)

    import numpy as np

    @gelcap.jit(target="native")
    def one(a):
        return len(a)

    @gelcap.jit(target="native")
    def three(a, b, c):
        return len(a)

    a = np.ones(5)

    def one_array(n=1000, f=one, a=a):
        for _ in range(n):
            f(a)

    def three_arrays(n=1000, f=three, a=a):
        for _ in range(n):
            f(a, a, a)

    yield "1000 x f(array)", "empty", {"empty": empty, "one array": one_array, "three arrays": three_arrays}, rounds
    yield "1000 x f(1.0, 2.0)", "empty", {"empty": empty, "native": called, "Python def": plain}, rounds


def latency(rows):
    import gelcap

    source = SOURCE
    took = {}
    for name, (signature, _) in SIGNATURES.items():
        for target in ("native", "wasm"):
            runs = []
            for _ in range(60):
                start = time.perf_counter()
                gelcap.compile(source, name, signature, target=target)
                runs.append(time.perf_counter() - start)
            took[f"compile {name}, {target}"] = runs[5:]
    empty = [run_process([sys.executable, "-c", "pass"]) for _ in range(20)]
    took["python -c pass"] = empty
    took["import gelcap (with python)"] = [run_process([sys.executable, "-c", "import gelcap"]) for _ in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        kernel = pathlib.Path(folder) / "testlib.py"
        kernel.write_text("#pythran export capsule f(int32, float64*, float64*)\n" + source)
        command = [str(pathlib.Path(sys.executable).parent / "gelcap"), "build", str(kernel), "-o", folder]
        took["gelcap build"] = [run_process(command) for _ in range(20)]
    for name, runs in took.items():
        print(f"{name:38s} min {min(runs) * 1e3:8.3f} ms   median {statistics.median(runs) * 1e3:8.3f} ms")
        rows.append({"name": name, "min_ms": min(runs) * 1e3, "median_ms": statistics.median(runs) * 1e3})


def run_process(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=240)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default=str(HERE / "results" / "callbacks.json"))
    args = parser.parse_args()
    rng = random.Random(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        lib = build_c(pathlib.Path(folder))
        for make in (lambda: callbacks(lib, args.samples, rng), lambda: python_calls(args.samples)):
            for name, base, runs, rounds in make():
                if args.only and args.only not in name:
                    continue
                times = paired(runs, rounds, rng)
                rows += report(name, times, base, rng)
                if base == "empty":
                    for contender in runs:
                        over = statistics.median(a - b for a, b in zip(times[contender], times["empty"]))
                        print(f"  {contender:12s} {over / 1000 * 1e9:8.1f} ns a call over the empty loop")
    print()
    if not args.only:
        latency(rows)
    write(rows, args.out)


if __name__ == "__main__":
    main()
