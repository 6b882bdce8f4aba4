"""`gelcap build`: importable shared libraries without a compiler or a linker."""

import array
import ctypes
import importlib.util
import inspect
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


ARRAYS = """
import numpy as np

# pythran export f(int, float64[], float64[:,:])
def f(n, x, y):
    s = 0.0
    for i in range(n):
        s += x[i] * y[i, 0]
    return s

# pythran export smooth(float64[])
def smooth(x):
    out = np.zeros(len(x))
    for i in range(1, len(x) - 1):
        out[i] = (x[i - 1] + x[i] + x[i + 1]) / 3
    return out

# pythran export affine(float64[:,:], float)
def affine(x, k):
    return x * k + 1.0, x.T

# pythran export fill(float64[:], float)
def fill(x, v):
    for i in range(len(x)):
        x[i] = v

# pythran export norm(float64[::])
def norm(x):
    return np.sqrt(np.sum(x * x))
"""


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    module = build(ARRAYS, tmp_path_factory.mktemp("arrays"), "arrays")
    source = {}
    exec(ARRAYS, source)
    return module, source


def test_arrays_are_taken_in_their_orders(arrays):
    module, source = arrays
    x, y = np.arange(5.0), np.linspace(0, 1, 10).reshape(5, 2)
    for matrix in (y, np.asfortranarray(y), y.T.copy().T):
        assert module.f(5, x, matrix) == source["f"](5, x, matrix)
    assert inspect.signature(module.f).parameters.keys() == {"n", "x", "y"}
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 5"):
        module.f(6, x, y)
    with pytest.raises(TypeError, match="'y' must be C-contiguous"):
        module.f(5, x, np.zeros((10, 4))[::2, ::2])
    with pytest.raises(TypeError, match="'x' must be an array of float64, not float32"):
        module.smooth(x.astype(np.float32))
    with pytest.raises(TypeError, match="'x' must have 1 dimension, not 2"):
        module.smooth(y)
    with pytest.raises(TypeError, match="'x' must be an array, not NoneType"):
        module.smooth(None)
    assert module.norm(x[::2]) == source["norm"](x[::2]) and module.norm(array.array("d", [3, 4])) == 5.0


def test_arrays_are_given_without_a_copy(arrays):
    module, source = arrays
    x = np.linspace(0, 1, 12)
    result = module.smooth(x)
    assert result.tobytes() == source["smooth"](x).tobytes() and result.flags.writeable
    matrix = x.reshape(3, 4)
    scaled, turned = module.affine(matrix, 2.0)
    assert scaled.tolist() == (matrix * 2.0 + 1.0).tolist() and scaled.flags.c_contiguous
    assert turned.tolist() == matrix.T.tolist() and np.shares_memory(turned, matrix)
    module.fill(x, 3.0)
    assert matrix.tolist() == [[3.0] * 4] * 3 and turned[0, 0] == 3.0
    x.flags.writeable = False
    with pytest.raises(ValueError, match="'x' is read-only"):
        module.fill(x, 1.0)


def test_results_are_freed(arrays):
    resource = pytest.importorskip("resource")
    module, _ = arrays
    x = np.zeros(1 << 20)
    for _ in range(5):
        module.smooth(x)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(50):
        module.smooth(x)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
