#!/usr/bin/env python3
"""Array loops, checks on, against gcc -O3 -fno-tree-vectorize, measured in one process.

    python benchmarks/loops.py [--rounds 200] [--only NAME]

Both are called as C functions, many times, by the same driver in C; what each leaves in memory is compared, bit by bit,
before anything is timed. Contenders take turns as in run.py. "gcc again" is the same code: how far it is from 1 is noise.
The C has `restrict`: it may take for granted what a kernel has to look at.
"""

import argparse
import ctypes
import pathlib
import random
import subprocess
import tempfile

import numpy as np

import gelcap
from run import HERE, paired, report, write

SOURCE = '''
from math import sqrt
from gelcap import carray

def axpy(a, px, py, n):
    x = carray(px, n)
    y = carray(py, n)
    for i in range(x.shape[0]):
        y[i] += a * x[i]

def total(px, n):
    x = carray(px, n)
    s = 0.0
    for i in range(x.shape[0]):
        s += x[i]
    return s

def stencil(px, po, n):
    x = carray(px, n)
    out = carray(po, n)
    for i in range(1, x.shape[0] - 1):
        out[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1]

def jacobi(pu, pv, h, w):
    u = carray(pu, (h, w))
    v = carray(pv, (h, w))
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])

def jacobi_flat(pu, pv, h, w):
    u = carray(pu, h * w)
    v = carray(pv, h * w)
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            v[i * w + j] = 0.25 * (u[(i - 1) * w + j] + u[(i + 1) * w + j] + u[i * w + j - 1] + u[i * w + j + 1])

def nbody(ppos, pvel, pmass, dt, steps, n):
    pos = carray(ppos, (n, 3))
    vel = carray(pvel, (n, 3))
    mass = carray(pmass, n)
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx = pos[i, 0] - pos[j, 0]
                dy = pos[i, 1] - pos[j, 1]
                dz = pos[i, 2] - pos[j, 2]
                d2 = dx * dx + dy * dy + dz * dz
                mag = dt / (d2 * sqrt(d2))
                mi = mass[i] * mag
                mj = mass[j] * mag
                vel[i, 0] -= dx * mj
                vel[i, 1] -= dy * mj
                vel[i, 2] -= dz * mj
                vel[j, 0] += dx * mi
                vel[j, 1] += dy * mi
                vel[j, 2] += dz * mi
        for i in range(n):
            pos[i, 0] += dt * vel[i, 0]
            pos[i, 1] += dt * vel[i, 1]
            pos[i, 2] += dt * vel[i, 2]

def mandelbrot(x0, x1, y0, y1, limit, p, h, w):
    out = carray(p, (h, w))
    dx = (x1 - x0) / w
    dy = (y1 - y0) / h
    for i in range(h):
        ci = y0 + i * dy
        for j in range(w):
            cr = x0 + j * dx
            zr = 0.0
            zi = 0.0
            n = 0
            while n < limit and zr * zr + zi * zi <= 4.0:
                t = zr * zr - zi * zi + cr
                zi = 2.0 * zr * zi + ci
                zr = t
                n += 1
            out[i, j] = n
'''

FIELD = "void (double *, double *, intp, intp)"
# Kernel: its signature, its function in C, the size it runs at.
KERNELS = {
    "axpy": ("void (double, double *, double *, intp)", "axpy", 10_000),
    "total": ("double (double *, intp)", "total", 10_000),
    "stencil": ("void (double *, double *, intp)", "stencil", 10_000),
    "jacobi": (FIELD, "jacobi", 200),
    "jacobi_flat": (FIELD, "jacobi", 200),
    "nbody": ("void (double *, double *, double *, double, intp, intp)", "nbody", 5),
    "mandelbrot": ("void (double, double, double, double, intp, long *, intp, intp)", "mandelbrot", 100),
}


def build_c(folder):
    library = folder / "loops.so"
    subprocess.run(["gcc", "-O3", "-fno-tree-vectorize", "-shared", "-fPIC", str(HERE / "c/loops.c"), "-o", str(library), "-lm"],
                   check=True)
    return ctypes.CDLL(str(library))


def memory(n):
    """Two pieces of memory, large enough for every kernel at its size."""
    rng = np.random.default_rng(1)
    return [rng.random(max(40_000, n)) for _ in range(2)]


def contenders(lib, name):
    signature, in_c, n = KERNELS[name]
    drive = getattr(lib, f"drive_{in_c}")
    pointer = np.ctypeslib.ndpointer(np.float64)
    drive.argtypes = (ctypes.c_void_p, ctypes.c_long, pointer, pointer, ctypes.c_ssize_t)
    drive.restype = ctypes.c_double if in_c == "total" else None
    kernel = gelcap.compile(SOURCE, name, signature, target="native")
    addresses = {"gcc": ctypes.cast(getattr(lib, in_c), ctypes.c_void_p).value, "gelcap": kernel.address}
    results = []
    for address in addresses.values():
        x, y = memory(n)
        results.append((np.float64(drive(address, 2, x, y, n) or 0.0).tobytes(), x.tobytes(), y.tobytes()))
    if results[0] != results[1]:
        raise SystemExit(f"{name}: gcc and gelcap give different bits")
    addresses["gcc again"] = addresses["gcc"]
    x, y = memory(n)
    # `kernel` is kept: its code goes with it.
    return {c: (lambda a=a, kernel=kernel: drive(a, 10, x, y, n)) for c, a in addresses.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default=str(HERE / "results" / "loops.json"))
    args = parser.parse_args()
    rng = random.Random(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        lib = build_c(pathlib.Path(folder))
        for name in KERNELS:
            if args.only and args.only not in name:
                continue
            times = paired(contenders(lib, name), args.rounds, rng)
            # A call of the driver is ten of the kernel.
            once = {contender: [t / 10 for t in samples] for contender, samples in times.items()}
            rows += report(name, once, "gcc", rng)
    write(rows, args.out)


if __name__ == "__main__":
    main()
