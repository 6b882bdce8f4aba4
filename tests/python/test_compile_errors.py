"""Bad input: each a clear error with the line, and nothing lost."""

import subprocess
import sys

import pytest

import gelcap
from gelcap import CompileError, cfunc, jit


def error(source, name="f", signature="float64(float64)", **options):
    with pytest.raises(CompileError) as caught:
        gelcap.compile(source, name, signature, **options)
    return caught.value


def test_an_unknown_name_has_its_line():
    @jit
    def f(x):
        return x + undefined_name  # noqa: F821

    with pytest.raises(CompileError, match="undefined_name") as caught:
        f(1.0)
    e = caught.value
    assert e.filename == __file__
    assert e.text.strip().startswith("return x + undefined_name")
    assert e.text[e.offset - 1 :].startswith("undefined_name")
    assert isinstance(e, SyntaxError)


def test_all_faults_are_reported_at_once():
    e = error("def f(x):\n    a = nope\n    b = also_nope\n    return x\n")
    assert len(e.diagnostics) == 2
    assert "nope" in e.rendered and "also_nope" in e.rendered
    assert [d["labels"][0]["line"] for d in e.diagnostics] == [2, 3]


@pytest.mark.parametrize(
    ("source", "signature", "pieces"),
    [
        ("def f(x:\n    return x\n", "float64(float64)", []),
        ("", "float64(float64)", []),
        ("def f(x):\n    return {'a': x}\n", "float64(float64)", ["dict"]),
        ("def f(x):\n    return x.real_part\n", "float64(float64)", []),
        ("def f(x, y):\n    return x\n", "float64(float64)", ["2", "1"]),
        ("def f(x):\n    return x[0]\n", "float64(float64)", []),
        ("def f(x):\n    return 'text'\n", "float64(float64)", []),
        ("def f(x):\n    if x > 0:\n        y = 1\n    return y\n", "float64(float64)", ["y"]),
        ("def f(x):\n    return x\x00\n", "float64(float64)", ["NUL", "null"]),
        ("def f(x):\n    return x\n", "float64[(float64)", []),
        ("def f(x):\n    return x\n", "float65(float64)", ["float65"]),
    ],
)
def test_messages(source, signature, pieces):
    e = error(source, signature=signature)
    text = str(e) + e.rendered
    assert len(str(e)) > 10
    if pieces:
        assert any(piece in text for piece in pieces), text


def test_float32_where_scipy_has_double():
    with pytest.raises((CompileError, TypeError), match="double"):
        gelcap.compile("#pythran export capsule f(int32, float32*)\ndef f(n, x):\n    return x[0]\n", "f").capsule


def test_overloads_in_a_capsule():
    source = "#pythran export capsule f(float64)\n#pythran export capsule f(int64)\ndef f(x):\n    return x\n"
    with pytest.raises(CompileError, match="overload|capsule"):
        gelcap.compile(source, "f")


@pytest.mark.parametrize("inner", ["(" * 100_000 + "x" + ")" * 100_000, "-" * 100_000 + "x", "not " * 100_000 + "x"])
def test_deep_nesting_is_refused(inner):
    e = error(f"def f(x):\n    return {inner}\n")
    assert "nest" in str(e) or "deep" in str(e) or "operator" in str(e)
    assert e.lineno == 2


def test_non_utf8_and_size():
    assert "UTF-8" in str(error(b"def f(x):\n    return x  # \xff\n"))
    assert "too large" in str(error("#" * (1 << 20) + "\ndef f(x):\n    return x\n"))


def test_no_source():
    namespace = {}
    exec("def f(x):\n    return x\n", namespace)
    with pytest.raises(CompileError, match="source of `f` is not available"):
        cfunc("double (double)")(namespace["f"])


def test_wrong_kernel_name():
    assert "`g`" in str(error("def f(x):\n    return x\n", "g"))


def test_the_interpreter_shows_the_line(tmp_path):
    file = tmp_path / "kernel.py"
    file.write_text("from gelcap import cfunc\n\n@cfunc('double (double)')\ndef f(x):\n    return x + missing\n")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "return x + missing" in done.stderr and "^" in done.stderr and "line 5" in done.stderr
    assert "CompileError" in done.stderr


def test_notebook_cells_have_source():
    import linecache

    text = "def cell(x):\n    return x * 2.0\n"
    name = "<ipython-input-1-abc>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    assert cfunc("double (double)")(namespace["cell"])(2.0) == 4.0


def test_a_fault_of_ours_is_an_exception_and_the_process_goes_on():
    """Said once, with how to report it, and without Rust's own report of the panic."""
    code = """
from gelcap import _gelcap
from gelcap._errors import InternalCompilerError
request = {
    "mode": "jit", "options": {}, "text": "def f(x):\\n    return x\\n", "file": "k.py", "name": "f",
    "signatures": ["float64(float64)"],
}
try:
    _gelcap.compile({**request, "planted_fault": "lower-machine"})
except InternalCompilerError as e:
    print(e)
print(_gelcap.compile(request)[0].name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, last = done.stdout.splitlines()
    assert first.startswith("internal compiler error in stage passes, pass lower-machine (gelcap ")
    assert first.split("): ", 1)[1].startswith("planted in lower-machine (python/src/compile.rs:")
    assert "please report it" in second and last == "f"
