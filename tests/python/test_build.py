"""`gelcap build`: importable shared libraries without a compiler or a linker."""

import ctypes
import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from scipy import LowLevelCallable, integrate

ROOT = pathlib.Path(__file__).resolve().parents[2]


def gelcap_command(*args, env=None, cwd=None):
    return subprocess.run([sys.executable, "-m", "gelcap", *map(str, args)], capture_output=True, text=True, env=env, cwd=cwd)


def build(source, folder, name="testlib"):
    path = folder / f"{name}.py"
    path.write_text(source)
    # No compiler, no linker: the PATH has nothing.
    done = gelcap_command("build", path, "-o", folder, env={"PATH": "", "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr
    return load(folder, name)


def load(folder, name):
    library = next(folder.glob(f"{name}*.so"))
    spec = importlib.util.spec_from_file_location(name, library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def testlib(tmp_path_factory):
    return build((ROOT / "examples/founding/testlib.py").read_text(), tmp_path_factory.mktemp("built"))


def test_the_name_is_the_capsule(testlib):
    assert 'capsule object "double (int, double *, void *)"' in repr(testlib.f)
    c = ctypes.c_double(1.0)
    pointer = ctypes.cast(ctypes.pointer(c), ctypes.c_void_p)
    func = LowLevelCallable(testlib.f, pointer, signature="double (int, double *, void *)")
    ranges = [[0, 10], [-10, 0], [-1, 1]]
    assert integrate.nquad(func, ranges) == integrate.nquad(lambda x, y, z: 1.0 + x - y * z, ranges)


def test_a_plain_export_is_a_function(testlib):
    x, w = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.25, 0.125])
    assert testlib.weighted(3, x, w) == 1.375
    assert testlib.weighted(n=2, x=x, w=(ctypes.c_double * 2)(1.0, 1.0)) == 3.0
    assert testlib.weighted.__doc__.startswith("The sum of n products")
    with pytest.raises(TypeError, match="x"):
        testlib.weighted(3, x.astype(np.float32), w)
    with pytest.raises(TypeError):
        testlib.weighted(3, x)
    with pytest.raises(TypeError):
        testlib.weighted("3", x, w)
    with pytest.raises(OverflowError):
        testlib.weighted(2**70, x, w)


SOURCE = """
# gelcap: export divide(float, float)
def divide(a, b):
    return a / b

# gelcap: export both(int, int)
def both(a, b):
    return a // b, a % b

# gelcap: export depth(int)
def depth(n):
    if n == 0:
        return 0
    return 1 + depth(n - 1)

# gelcap: export guarded(int)
def guarded(n):
    if n > 3:
        raise ValueError("n is at most 3")
    return n > 1
"""


def test_exceptions_in_a_built_module(tmp_path):
    m = build(SOURCE, tmp_path, "kernels")
    assert m.divide(1.0, 4.0) == 0.25 and m.both(-7, 2) == (-4, 1) and m.guarded(2) is True
    with pytest.raises(ZeroDivisionError, match="float division by zero"):
        m.divide(1.0, 0.0)
    with pytest.raises(ValueError, match="n is at most 3"):
        m.guarded(4)
    with pytest.raises(RecursionError):
        m.depth(-1)
    assert m.depth(50) == 50


def test_exceptions_leave_a_built_callback(tmp_path):
    m = build("#pythran export capsule f(float64)\ndef f(x):\n    return 1.0 / x\n", tmp_path, "inverse")
    import gelcap

    with pytest.raises(ZeroDivisionError):
        gelcap.scipy.quad(LowLevelCallable(m.f), -1, 1)


def test_the_build_is_deterministic(tmp_path):
    (tmp_path / "k.py").write_text(SOURCE)
    outputs = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        assert gelcap_command("build", tmp_path / "k.py", "-o", tmp_path / folder).returncode == 0
        outputs.append(next((tmp_path / folder).glob("*.so")).read_bytes())
    assert outputs[0] == outputs[1]


def test_build_writes_stubs_and_headers(tmp_path):
    (tmp_path / "testlib.py").write_text((ROOT / "examples/founding/testlib.py").read_text())
    done = gelcap_command("build", tmp_path / "testlib.py", "-o", tmp_path, "--header", "--object")
    assert done.returncode == 0, done.stderr
    assert "def weighted(" in (tmp_path / "testlib.pyi").read_text()
    assert "double f(int" in (tmp_path / "testlib.h").read_text().replace("double gelcap_c_f", "double f")
    assert (tmp_path / "testlib.o").read_bytes()[:4] == b"\x7fELF"


def test_build_errors(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("#pythran export f(int)\ndef f(n):\n    return n + unknown\n")
    done = gelcap_command("build", bad, "-o", tmp_path)
    assert done.returncode == 1 and "unknown" in done.stderr and "bad.py:3" in done.stderr
    nothing = tmp_path / "nothing.py"
    nothing.write_text("def f(n):\n    return n\n")
    done = gelcap_command("build", nothing, "-o", tmp_path)
    assert done.returncode == 1 and "export" in done.stderr
    done = gelcap_command("build", tmp_path / "absent.py")
    assert done.returncode == 1 and "absent.py" in done.stderr
    good = tmp_path / "good.py"
    good.write_text("#pythran export f(int)\ndef f(n):\n    return n\n")
    done = gelcap_command("build", good, "-o", "/proc/nowhere")
    assert done.returncode == 1 and "/proc/nowhere" in done.stderr
    assert not list(tmp_path.glob("*.so"))
