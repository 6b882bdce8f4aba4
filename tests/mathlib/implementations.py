"""Implementations of the elementary functions, as functions of float64 arrays.

An implementation is a dict from the names in MODULES to callables that take
one or two float64 arrays of equal length and return a float64 array.
"""

import ast
import importlib
import pathlib
import re
import sys

import numpy as np

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "compiler" / "src"

MODULES = {
    "exp": ("exp", "exp2"),
    "log": ("log", "log2", "log10", "log1p"),
    "power": ("pow",),
    "trig": ("sin", "cos", "tan"),
    "inverse": ("atan", "atan2", "asin", "acos"),
    "hyperbolic": ("expm1", "tanh", "sinh", "cosh"),
    "area": ("asinh", "acosh", "atanh"),
    "root": ("hypot", "cbrt"),
    "remainder": ("fmod",),
}


def claimed_bounds():
    """Function name -> worst error in ulp, from "Worst error ... ulp" in docstrings."""
    bounds = {}
    for module, names in MODULES.items():
        tree = ast.parse((SOURCES / "mathlib" / f"{module}.py").read_text())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in names:
                claim = re.search(r"Worst error ([0-9.]+) ulp", ast.get_docstring(node))
                if claim:
                    bounds[node.name] = float(claim[1])
    return bounds


def over_arrays(function):
    """Applies a scalar function element by element, as NumPy scalars do it."""

    def apply(*arrays):
        with np.errstate(all="ignore"):
            # Iterating over an array yields np.float64, which the sources need.
            return np.array([function(*scalars) for scalars in zip(*arrays)], dtype=np.float64)

    return apply


def from_sources():
    """The sources of the compiler's mathlib, run by CPython."""
    sys.path.insert(0, str(SOURCES))
    return {
        name: over_arrays(getattr(importlib.import_module(f"mathlib.{module}"), name))
        for module, names in MODULES.items()
        for name in names
    }


def load(which):
    if which == "python":
        return from_sources()
    module, _, attribute = which.partition(":")
    return getattr(importlib.import_module(module), attribute)
