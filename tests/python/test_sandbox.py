"""Sandboxes from Python: errors, limits, arrays that are guest memory, what other libraries do to the process."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import traceback

import numpy as np
import pytest

import gelcap
from gelcap import sandbox as errors
from gelcap.sandbox import Sandbox, SandboxError

PROGRAM = """
import numpy as np
#pythran export spin(int)
#pythran export forever(int)
#pythran export twice(float)
#pythran export at(float64[], int)
#pythran export divide(int, int)
#pythran export grow(int)
#pythran export deep(int)
#pythran export forge(int)
#pythran export scale(float64[], float)
#pythran export make(int)
#pythran export total(float64[])
#pythran export power(int)

def spin(n):
    s = 0
    for i in range(n):
        s ^= i
    return s

def forever(n):
    while True:
        pass

def twice(x):
    return 2.0 * x

def at(a, i):
    return a[i]

def divide(a, b):
    return a // b

def grow(n):
    return n * n

def deep(n):
    if n == 0:
        return 0
    return 1 + deep(n - 1)

def forge(n):
    if n == 0:
        raise TimeoutError("out of time")
    if n == 1:
        raise MemoryError("no memory")
    if n == 2:
        raise RecursionError("too deep")
    if n == 3:
        raise KeyboardInterrupt
    if n == 4:
        raise StopIteration
    return n

def scale(a, x):
    for i in range(len(a)):
        a[i] = a[i] * x

def make(n):
    return np.zeros(n)

def total(a):
    return a.sum()

def power(n):
    return 10 ** n
"""


@pytest.fixture(scope="module")
def box():
    with Sandbox(memory="64 MiB", timeout=0.05) as box:
        yield box


@pytest.fixture(scope="module")
def program(box):
    return box.compile(PROGRAM, filename="formula.py")


def test_it_computes(program):
    assert program.twice(2.5) == 5.0
    assert program.spin(10) == 1
    a = np.arange(4.0)
    assert program.at(a, -1) == 3.0
    assert program.total(a) == 6.0
    assert program.scale(a, 10.0) is None
    assert a.tolist() == [0.0, 10.0, 20.0, 30.0]
    made = program.make(5)
    assert made.tolist() == [0.0] * 5 and made.flags.writeable
    assert "twice" in repr(program) and program.__all__[0] == "spin"
    with pytest.raises(AttributeError, match="exports no `missing`"):
        program.missing


def test_python_functions_are_compiled_for_their_arguments(box):
    def f(x, n):
        s = 0.0
        for i in range(n):
            s += x * i
        return s

    g = box.compile(f)
    assert g(0.5, 4) == f(0.5, 4)
    with pytest.raises(errors.SandboxTimeout):
        g(0.5, 1 << 60)


@pytest.mark.parametrize(
    ("call", "builtin", "line"),
    [
        (lambda m: m.at(np.ones(3), 3), IndexError, "return a[i]"),
        (lambda m: m.divide(1, 0), ZeroDivisionError, "return a // b"),
        (lambda m: m.grow(1 << 40), OverflowError, "return n * n"),
        (lambda m: m.deep(1 << 40), RecursionError, None),
        (lambda m: m.spin(1 << 62), TimeoutError, None),
        (lambda m: m.forever(0), TimeoutError, None),
        (lambda m: m.make(10**9), MemoryError, None),
        (lambda m: m.make(10**12), MemoryError, None),
        (lambda m: m.make(-1), ValueError, None),
        (lambda m: m.twice("x"), TypeError, None),
        (lambda m: m.twice(), TypeError, None),
        (lambda m: m.at([1.0], 0), TypeError, None),
        (lambda m: m.spin(10**30), OverflowError, None),
    ],
)
def test_errors_are_the_sandboxs_and_the_builtins(program, call, builtin, line):
    for _ in range(2):
        with pytest.raises(SandboxError) as caught:
            call(program)
        assert isinstance(caught.value, builtin)
        if line is not None:
            last = traceback.extract_tb(caught.value.__traceback__)[-1]
            assert (last.filename, last.lineno) == ("formula.py", PROGRAM[: PROGRAM.index(line)].count("\n") + 1)
        assert program.twice(1.0) == 2.0, "usable again"


def test_limits_cannot_be_forged(program):
    for n, builtin in enumerate([TimeoutError, MemoryError, RecursionError]):
        with pytest.raises(builtin) as caught:
            program.forge(n)
        assert isinstance(caught.value, SandboxError) and not isinstance(caught.value, errors.SandboxLimit)
    for n, builtin in [(3, KeyboardInterrupt), (4, StopIteration)]:
        with pytest.raises(SandboxError) as caught:
            program.forge(n)
        assert not isinstance(caught.value, builtin)
    with pytest.raises(errors.SandboxTimeout) as caught:
        program.spin(1 << 62)
    assert isinstance(caught.value, errors.SandboxLimit)


def test_sources_that_are_refused(box):
    for source in ["def f(x:", "#pythran export f(int)\ndef f(x):\n    return open('/etc/passwd')\n", "x = 1"]:
        with pytest.raises(SandboxError) as caught:
            box.compile(source)
        assert isinstance(caught.value, gelcap.CompileError) and caught.value.diagnostics
    for source in [
        "#pythran export f(int)\ndef f(x):\n    return 10**10**10\n",
        "#pythran export f(int)\ndef f(x):\n    return " + "(" * 1000 + "x" + ")" * 1000 + "\n",
        "#pythran export f(int)\ndef f(x):\n    return x << 10**10\n",
    ]:
        start = time.perf_counter()
        with pytest.raises(SandboxError):
            box.compile(source).f(1)
        assert time.perf_counter() - start < 5


def test_what_compiling_may_take_is_limited(box):
    statements = "".join(f"    s += {k} * n\n" for k in range(5000))
    long = "#pythran export f(int)\ndef f(n):\n    s = 0\n" + statements + "    return s\n"
    with Sandbox(max_source=1000) as small, Sandbox(max_ir=1000) as simple, Sandbox(work=1000) as lazy:
        for refusing, why in [(small, "source is too large"), (simple, "instructions"), (lazy, "steps")]:
            with pytest.raises(errors.SandboxCompileError, match=why) as caught:
                refusing.compile(long)
            assert caught.value.diagnostics[0]["code"] == "program-too-large"
    # A function that doubles with each call put in, forty times over.
    doubling = "".join(f"def f{k}(n):\n    return f{k + 1}(n) + f{k + 1}(n + 1)\n" for k in range(40))
    start = time.perf_counter()
    program = box.compile("#pythran export f0(int)\n" + doubling + "def f40(n):\n    return n\n")
    with pytest.raises(errors.SandboxTimeout):
        program.f0(1)
    assert time.perf_counter() - start < 10


def test_huge_powers_end_at_once(program):
    with pytest.raises(OverflowError):
        program.power(10**10)


def test_deadlines_are_met(program):
    late = []
    for _ in range(20):
        start = time.perf_counter()
        with pytest.raises(errors.SandboxTimeout):
            program.spin(1 << 62)
        late.append(time.perf_counter() - start - 0.05)
    assert sorted(late)[len(late) // 2] < 0.02, late
    assert min(late) >= 0


def test_other_threads_run_meanwhile_and_can_cancel():
    with Sandbox(timeout=None) as box:
        program = box.compile(PROGRAM)
        caught = []

        def run():
            try:
                program.forever(0)
            except SandboxError as error:
                caught.append(error)

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        stopped = 0
        while stopped < 3:
            time.sleep(0.001)
            stopped += box.cancel()
        for thread in threads:
            thread.join()
        assert [type(e) for e in caught] == [errors.SandboxCancelled] * 3
        assert program.twice(1.0) == 2.0
    with pytest.raises(errors.SandboxClosed):
        program.twice(1.0)
    with pytest.raises(errors.SandboxClosed):
        box.compile(PROGRAM)
    with pytest.raises(errors.SandboxClosed):
        box.zeros(3)


def test_interrupts_reach_the_main_thread():
    with Sandbox(timeout=20) as box:
        program = box.compile(PROGRAM)
        program.twice(1.0)
        timer = threading.Timer(0.1, _kill_self)
        timer.start()
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            program.spin(1 << 62)
        assert time.perf_counter() - start < 5
        timer.join()
        # A handler that does not raise leaves a call that was stopped.
        old = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            timer = threading.Timer(0.1, _kill_self)
            timer.start()
            with pytest.raises(errors.SandboxCancelled):
                program.spin(1 << 62)
            timer.join()
        finally:
            signal.signal(signal.SIGINT, old)
        assert program.twice(1.0) == 2.0


def _kill_self():
    os.kill(os.getpid(), signal.SIGINT)


def test_arrays_are_guest_memory_and_outlive_it():
    box = Sandbox(memory="8 MiB")
    program = box.compile(PROGRAM)
    a = box.array([1.0, 2.0, 3.0])
    program.scale(a, 2.0)
    assert a.tolist() == [2.0, 4.0, 6.0]
    assert box._host.holds(a.ctypes.data, a.nbytes) and not box._host.holds(np.ones(3).ctypes.data, 24)
    assert box.zeros((2, 3), np.int32, order="F").flags.f_contiguous
    assert box.ones(2, "float32").dtype == np.float32
    assert box.full((2,), 7).tolist() == [7, 7] and box.empty(0).size == 0
    assert box.array(np.asfortranarray(np.ones((2, 3)))).flags.f_contiguous
    for dtype in [object, "U3", "M8[s]", [("a", object)], "V8"]:
        with pytest.raises(TypeError):
            box.zeros(3, dtype)
    with pytest.raises(errors.SandboxMemoryError):
        box.zeros(10**12)
    with pytest.raises(errors.SandboxMemoryError):
        box.zeros(1 << 20)
    with pytest.raises(SandboxError):
        box.array(np.ones(2 << 20))
    result = program.make(4)
    box.close()
    del box, program
    gc.collect()
    a[:] = 5.0
    assert a.sum() == 15.0 and result.sum() == 0.0


def test_given_back_memory_is_used_again():
    with Sandbox(memory="8 MiB", timeout=5) as box:
        program = box.compile(PROGRAM)
        for _ in range(50):
            a = box.full(400_000, 3.0)
            assert program.total(a) == 1_200_000
            assert program.make(400_000).sum() == 0.0
            del a


def test_sizes_are_read():
    assert Sandbox(memory="1.5 MiB").memory == 3 << 19
    assert Sandbox(memory=1 << 20, timeout=None, stack=100_000).timeout is None
    for wrong in ["much", "3 parsecs", "", "-1 MiB", 0, 5 << 30]:
        with pytest.raises(ValueError):
            Sandbox(memory=wrong)
    for wrong in [True, 1.5, None]:
        with pytest.raises(TypeError):
            Sandbox(memory=wrong)
    for wrong in [0, -1, float("nan")]:
        with pytest.raises(ValueError):
            Sandbox(timeout=wrong)


def test_more_stack_is_more_depth():
    with Sandbox(stack="2 MiB", timeout=5) as large, Sandbox(stack="64 KiB") as small:
        assert large.compile(PROGRAM).deep(9_000) == 9_000
        with pytest.raises(RecursionError):
            small.compile(PROGRAM).deep(9_000)


# ---- what others do to the process


def run(code):
    done = subprocess.run([sys.executable, "-c", HEAD + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAD = f"""
import faulthandler, os, sys, threading, time
import numpy as np
from gelcap.sandbox import *
PROGRAM = {PROGRAM!r}
box = Sandbox(timeout=0.05)
m = box.compile(PROGRAM)

def check():
    for _ in range(3):
        try:
            m.spin(1 << 62)
        except SandboxTimeout:
            pass
        else:
            raise SystemExit("not stopped")
        try:
            m.deep(1 << 40)
        except RecursionError:
            pass
        else:
            raise SystemExit("not too deep")
        assert m.twice(2.0) == 4.0

check()
"""


def test_faulthandler_may_be_enabled_at_any_time():
    run("faulthandler.enable(); time.sleep(0.001); check(); faulthandler.disable(); check(); faulthandler.enable(); check()")


def test_a_forked_child_has_deadlines_of_its_own():
    run(
        "pid = os.fork()\n"
        "check()\n"
        "if pid == 0: os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7\n"
        "check()\n"
    )


def test_small_threads_are_large_enough():
    run("threading.stack_size(64 << 10); t = threading.Thread(target=check); t.start(); t.join(); check()")


def test_the_process_may_end_while_a_kernel_runs():
    run(
        "b = Sandbox(timeout=None); p = b.compile(PROGRAM)\n"
        "t = threading.Thread(target=p.forever, args=(0,), daemon=True); t.start(); time.sleep(0.05)\n"
    )


def test_errors_do_not_pile_up(program):
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(200):
        with pytest.raises(IndexError):
            program.at(np.ones(3), 5)
    gc.collect()
    assert len(gc.get_objects()) < before + 200
