"""Exceptions out of callbacks: on the main thread, on foreign threads, with one pending, many of them, deep ones."""

import ctypes
import gc
import resource
import subprocess
import sys
import textwrap
import threading
import traceback

import numpy as np
import pytest
from scipy import ndimage

import gelcap
from gelcap import cfunc


def inverse(target="native"):
    @cfunc("double (double)", target=target)
    def f(x):
        return 1.0 / x

    return f


def test_quad_raises_the_kernels_own_exception(target):
    f = inverse(target)
    with pytest.raises(ZeroDivisionError, match="float division by zero") as caught:
        gelcap.scipy.quad(f, -1, 1)
    lines = traceback.format_exception(caught.value)
    assert any("return 1.0 / x" in line and ", in f" in line for line in lines)
    assert __file__ in "".join(lines)


def test_direct_and_ctypes_calls_raise(target):
    f = inverse(target)
    with pytest.raises(ZeroDivisionError):
        f(0.0)
    with pytest.raises(ZeroDivisionError):
        f.ctypes(0.0)
    assert f(2.0) == 0.5 and f.ctypes(4.0) == 0.25
    assert f.last_error is None


def test_the_message_carries_values(target):
    @cfunc("int (double *, int)", target=target, extents={"p": "n"})
    def f(p, n):
        if n < 0:
            raise ValueError("n must not be negative")
        assert n < 10, "too many"
        return 1

    with pytest.raises(ValueError, match="n must not be negative"):
        f(np.ones(3), -1)
    with pytest.raises(AssertionError, match="too many"):
        f(np.ones(3), 11)


def test_ndimage_gets_a_status(target):
    @gelcap.scipy.callback("generic_filter", target=target)
    def fails(buffer, size, result, user_data):
        result[0] = buffer[0] / (buffer[4] - 5.0)
        return 1

    image = np.arange(16.0).reshape(4, 4)
    with pytest.raises(ZeroDivisionError):
        ndimage.generic_filter(image, fails.low_level_callable(), size=3)
    with pytest.raises(ZeroDivisionError):
        gelcap.scipy.generic_filter(image, fails, size=3)


def qsort(function, values):
    array = (ctypes.c_int * len(values))(*values)
    libc = ctypes.PyDLL(None)
    libc.qsort(array, ctypes.c_size_t(len(values)), ctypes.c_size_t(4), function.ctypes)
    return list(array)


def test_libc_qsort():
    @cfunc("int (int *, int *)")
    def compare(a, b):
        if a[0] == 13 or b[0] == 13:
            raise ValueError("unlucky")
        return (a[0] > b[0]) - (a[0] < b[0])

    assert qsort(compare, [3, 1, 2]) == [1, 2, 3]
    with pytest.raises(ValueError, match="unlucky"):
        qsort(compare, [3, 13, 2])


class Thread:
    """A thread made by libc itself: Python does not know it."""

    def __init__(self, start, argument, stack=None):
        self.libc = ctypes.CDLL(None)
        self.id = ctypes.c_ulong()
        attributes = None
        if stack is not None:
            attributes = ctypes.create_string_buffer(256)
            assert self.libc.pthread_attr_init(attributes) == 0
            assert self.libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(stack)) == 0
        assert self.libc.pthread_create(ctypes.byref(self.id), attributes, ctypes.c_void_p(start), argument) == 0

    def join(self):
        assert self.libc.pthread_join(self.id, None) == 0


def test_a_foreign_thread_keeps_the_first_error(target):
    @cfunc("int64(CPointer(float64))", target=target, extents={"p": "1"})
    def work(p):
        p[0] = 1.0 / p[0]
        return 0

    cell = (ctypes.c_double * 1)(0.0)
    thread = Thread(work.address, cell)
    thread.join()
    assert isinstance(work.last_error, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError) as caught:
        work.check()
    assert any("p[0] = 1.0 / p[0]" in line for line in traceback.format_exception(caught.value))
    assert work.last_error is None
    work.check()
    cell[0] = 4.0
    thread = Thread(work.address, cell)
    thread.join()
    work.check()
    assert cell[0] == 0.25


def test_a_pending_exception_is_kept():
    # ctypes' PyDLL calls back twice in one C call: the first exception must win.
    @cfunc("int (int *, int *)")
    def compare(a, b):
        if a[0] > b[0]:
            raise ValueError("first")
        raise IndexError("other")

    with pytest.raises((ValueError, IndexError)) as caught:
        qsort(compare, [5, 4, 3, 2, 1, 9, 8])
    assert caught.value.__context__ is None


def test_a_million_failing_calls_take_no_memory():
    f = inverse()

    def fail(count):
        for _ in range(count):
            try:
                f(0.0)
            except ZeroDivisionError:
                pass

    fail(50_000)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fail(1_000_000)
    gc.collect()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2048  # KiB


SOURCE_RECURSION = """
def depth(n):
    if n == 0:
        return 0
    return 1 + depth(n - 1)
"""


def test_unbounded_recursion(target):
    f = gelcap.compile(SOURCE_RECURSION, "depth", "int64 (int64)", target=target)
    assert f(100) == 100
    for _ in range(3):
        with pytest.raises(RecursionError):
            f(-1)
    assert f(100) == 100


def test_recursion_on_a_small_stack(target):
    source = """
def depth(n):
    if n == 0:
        return 0
    return 1 + depth(n - 1)

def start(p):
    p[1] = depth(p[0])
    return 0
"""
    f = gelcap.compile(source, "start", "int64 (int64 *)", target=target, extents={"p": "2"})
    for n, fails in ((100, False), (-1, True), (100, False)):
        cell = (ctypes.c_int64 * 2)(n, 0)
        thread = Thread(f.address, cell, stack=256 << 10)
        thread.join()
        if fails:
            with pytest.raises(RecursionError):
                f.check()
        else:
            f.check()
            assert cell[1] == n


def test_python_threads_raise_on_their_own(target):
    f = inverse(target)
    outcomes = []

    def run(x):
        try:
            outcomes.append(f(x))
        except ZeroDivisionError:
            outcomes.append("raised")

    threads = [threading.Thread(target=run, args=(x,)) for x in (0.0, 2.0, 0.0, 4.0)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(map(str, outcomes)) == ["0.25", "0.5", "raised", "raised"]


def test_ctrl_c_during_an_integration():
    """SIGINT reaches the user as KeyboardInterrupt while SciPy runs native callbacks."""
    program = textwrap.dedent(
        """
        import gelcap, threading, os, signal, time
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background process may have it ignored
        f = gelcap.compile("def f(n, x):\\n    s = 0.0\\n    for i in range(2000):\\n        s += x[0] * i - x[1]\\n    return s\\n",
                           "f", "double (int, double *)")
        from scipy import integrate
        def interrupt():
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
        start = time.time()
        try:
            while time.time() - start < 30:
                integrate.nquad(f.low_level_callable(), [[0, 1], [0, 1]])
        except KeyboardInterrupt:
            print("interrupted", time.time() - start < 5)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "interrupted True", done.stderr


def test_unreported_errors_are_said_at_exit():
    program = textwrap.dedent(
        """
        import ctypes, gelcap
        f = gelcap.compile("def f(p):\\n    p[0] = 1.0 / p[0]\\n    return 0\\n", "f", "int64 (double *)")
        libc = ctypes.CDLL(None)
        thread = ctypes.c_ulong()
        cell = (ctypes.c_double * 1)(0.0)
        libc.pthread_create(ctypes.byref(thread), None, ctypes.c_void_p(f.address), cell)
        libc.pthread_join(thread, None)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "ZeroDivisionError" in done.stderr


def test_signals_still_work_after_wasm():
    """wasmtime's handlers and faulthandler's live together."""
    program = textwrap.dedent(
        """
        import faulthandler, gelcap
        f = gelcap.compile("def f(n):\\n    return 1 + f(n)\\n", "f", "int64 (int64)", target="wasm")
        faulthandler.enable()
        for _ in range(3):
            try:
                f(1)
            except RecursionError:
                print("ok")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["ok"] * 3, done.stderr
