"""Where the system refuses executable memory, kernels still run: under wasmtime's interpreter."""

import subprocess
import sys

import pytest

# Linux refuses this process executable memory from then on (PR_SET_MDWE, Linux 6.3).
WITHOUT_EXECUTABLE_MEMORY = r'''
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0) != 0:
    raise SystemExit(77)
import math
import gelcap

TEXT = """
def f(x, n):
    s = 0.0
    for i in range(n):
        s += math.sin(x * i) / (i + 1)
    return s / n
"""
compiled = gelcap.compile("import math\n" + TEXT, "f", "double(double, long)")
exec(TEXT)
assert abs(compiled(0.3, 100) - f(0.3, 100)) < 1e-14
try:
    compiled(0.3, 0)
except ZeroDivisionError:
    pass
else:
    raise AssertionError("no exception")
print(compiled.inspect("target"))
'''


def test_auto_falls_back_to_the_interpreter():
    ran = subprocess.run([sys.executable, "-c", WITHOUT_EXECUTABLE_MEMORY], capture_output=True, text=True)
    if ran.returncode == 77:
        pytest.skip("this kernel cannot refuse executable memory")
    assert ran.returncode == 0, ran.stderr
    assert "Pulley" in ran.stdout and "no executable memory" in ran.stdout, ran.stdout


def test_native_is_the_first_choice():
    import gelcap

    f = gelcap.compile("def f(x):\n    return x\n", "f", "float64(float64)")
    assert f.inspect("target").startswith("native: ")
