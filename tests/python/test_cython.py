"""Cython's pure-Python notation on live functions and on text."""

import importlib.util
import sys

import pytest

import gelcap

cython = pytest.importorskip("cython")


@pytest.fixture
def module(tmp_path):
    """Make a module of a source text."""

    def make(text):
        path = tmp_path / "kernels.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("kernels", path)
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return made

    return make


SQUARE = """\
{head}
import cython
import gelcap

@gelcap.jit
{decorator}
@cython.locals(n=cython.int)
def square(n):
    x = cython.declare(cython.long, n)
    return x * x
"""


@pytest.mark.parametrize(
    "head, decorator, wraps",
    [
        ("", "@cython.ccall", False),
        ("# cython: overflowcheck=False, language_level=3", "@cython.ccall", True),
        ("# gelcap: overflow=False", "@cython.ccall", True),
        ("", "@cython.overflowcheck(False)", True),
        ("# cython: overflowcheck=False", "@cython.overflowcheck(True)", False),
    ],
)
def test_directives_of_the_file_and_of_the_function(module, head, decorator, wraps):
    square = module(SQUARE.format(head=head, decorator=decorator)).square
    assert square(3) == 9
    if wraps:
        assert square(2**40) == 0
    else:
        with pytest.raises(OverflowError):
            square(2**40)


def test_a_block_sets_options_for_itself(module):
    text = (
        "import cython\nimport gelcap\n@gelcap.jit\ndef f(n):\n    with cython.overflowcheck(False):\n"
        "        m = n * n\n    return m + n\n\n@gelcap.jit\ndef g(n):\n    with cython.overflowcheck(False):\n"
        "        m = n\n    return m * n\n"
    )
    kernels = module(text)
    assert kernels.f(2**40) == 2**40
    with pytest.raises(OverflowError):
        kernels.g(2**40)


def test_what_has_no_effect_is_a_warning_at_its_line(module):
    text = "import cython\nimport gelcap\n@gelcap.jit\n@cython.cdivision(True)\ndef f(a, b):\n    return a // b\n"
    f = module(text).f
    with pytest.warns(gelcap.CompileWarning, match="`cdivision` has no effect") as caught:
        assert f(-7, 2) == -4
    assert (caught[0].lineno, caught[0].filename.endswith("kernels.py")) == (4, True)


def test_text_needs_no_cython(monkeypatch):
    monkeypatch.setitem(sys.modules, "cython", None)
    text = "import cython\n@cython.returns(cython.double)\ndef half(n: cython.int, x: cython.double):\n    return n * x\n"
    half = gelcap.compile(text, "half")
    assert half(3, 2.0) == 6.0 and type(half(3, 2.0)) is float


def test_cythons_own_syntax_is_one_error_a_line():
    text = "cimport numpy as np\ncdef int i, j\ncdef double f(double x):\n    return <int>x\n"
    with pytest.raises(gelcap.CompileError) as caught:
        gelcap.compile(text, "f", "float64(float64)")
    assert [d["code"] for d in caught.value.diagnostics] == ["cython-syntax"] * 4
