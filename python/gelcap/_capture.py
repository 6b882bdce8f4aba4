"""What the compiler needs of a live Python function: its source text, and the values of the names that it uses.

A description is plain data: ``(kind, ...)`` tuples for values, a list of functions that refer to each other by index.
"""

import linecache
import re

from ._errors import CompileError
from .types import Type

_MISSING = object()
_OPTIONS = re.compile(r"#\s*(?:cython:|gelcap:(?!\s*export\b))")


class Sources:
    """The functions of one compilation, described once each. Index 0 is the kernel."""

    def __init__(self, function):
        self.functions = []
        self._indices = {}
        self.index(function)

    def index(self, function):
        """The index of a function's description, made now if need be."""
        code = function.__code__
        # Two closures of one code object may hold different values, so the function itself is the key.
        known = self._indices.get(id(function))
        if known is not None:
            return known
        index = self._indices[id(function)] = len(self.functions)
        self.functions.append(None)
        text, line = source(function)
        names = {name: self.value(v) for name, v in _names(function, code)}
        self.functions[index] = {
            "name": function.__name__,
            "file": code.co_filename,
            "line": line,
            "text": text,
            "head": _file_options(code.co_filename),
            "names": names,
            "defaults": {name: self.value(v) for name, v in _defaults(function, code)},
        }
        return index

    def value(self, value):
        """The description of a captured value."""
        if value is True or value is False:
            return ("bool", value)
        if isinstance(value, int) and type(value) is int:
            return ("int", str(value))
        if type(value) is float:
            return ("float", value)
        if isinstance(value, str):
            return ("str", value)
        if value is None:
            return ("none",)
        if isinstance(value, tuple):
            return ("tuple", [self.value(v) for v in value])
        if isinstance(value, Type):
            return ("dtype", value.name)
        inner = getattr(value, "py_func", value)
        if hasattr(inner, "__code__") and hasattr(inner, "__globals__"):
            module = getattr(inner, "__module__", None) or ""
            if module.partition(".")[0] in ("gelcap", "numba", "numpy", "Cython"):
                return ("known", _origin(module), inner.__name__)
            return ("function", self.index(inner))
        return _foreign(value)


def _foreign(value):
    """Values of NumPy, of the standard library, of modules."""
    kind = type(value)
    module = getattr(value, "__module__", None) or ""
    if kind.__name__ == "module":
        return ("module", value.__name__)
    if isinstance(value, type):
        if issubclass(value, BaseException):
            return ("exception", value.__name__)
        if module == "builtins":
            return ("known", "builtins", value.__name__)
        if module.partition(".")[0] == "numpy":
            return ("dtype", value.__name__)
        return ("known", module, value.__name__)
    if kind.__module__.partition(".")[0] == "numpy":
        if kind.__name__ == "ufunc":
            return ("known", "numpy", value.__name__)
        if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0 and hasattr(value, "tobytes"):
            return ("numpy", value.dtype.name, value.tobytes())
        if kind.__name__.endswith("DType") or kind.__name__ == "dtype":
            return ("dtype", value.name)
    if callable(value) and getattr(value, "__name__", None):
        return ("known", _origin(module or kind.__module__), value.__name__)
    return ("unknown", kind.__name__)


def _origin(module):
    """The public module of a helper: `numba.np.arrayobj` is numba's."""
    if module.startswith("numpy.ctypeslib"):
        return "numpy.ctypeslib"
    head = module.partition(".")[0]
    return {"_operator": "numpy", "Cython": "cython"}.get(head, head)


def _names(function, code):
    """(name, value) for every global and closure name that the function's code, nested code included, refers to."""
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    seen = {}
    stack = [code]
    builtins = function.__globals__.get("__builtins__", {})
    builtins = builtins if isinstance(builtins, dict) else vars(builtins)
    while stack:
        c = stack.pop()
        stack.extend(k for k in c.co_consts if hasattr(k, "co_names"))
        for name in (*c.co_names, *c.co_freevars):
            if name in seen:
                continue
            if name in cells:
                try:
                    seen[name] = cells[name].cell_contents
                except ValueError:
                    continue
            elif name in function.__globals__:
                seen[name] = function.__globals__[name]
            elif name in builtins:
                seen[name] = builtins[name]
    return seen.items()


def _defaults(function, code):
    """(parameter, value) for every parameter with a default."""
    values = function.__defaults__ or ()
    positional = code.co_varnames[: code.co_argcount]
    return [*zip(positional[len(positional) - len(values) :], values), *(function.__kwdefaults__ or {}).items()]


class TextDefaults:
    """The defaults of a function in a text that is compiled and never executed, read when they are first asked for: the
    constants that stand there, or at the top of the text under a name. A mapping of parameters."""

    def __init__(self, text, name):
        self._where = text, name
        self._values = None

    def __contains__(self, parameter):
        if self._values is None:
            self._values = _text_defaults(*self._where)
        return parameter in self._values

    def __getitem__(self, parameter):
        if parameter not in self:
            raise KeyError(parameter)
        return self._values[parameter]


def _text_defaults(text, name):
    import ast

    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        # Cython's own syntax: its functions have no defaults in Python.
        return {}
    constants = {}
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = node.value
    found = {}
    for node in body:
        if not isinstance(node, ast.FunctionDef) or node.name != name:
            continue
        arguments = node.args
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults)]
        pairs += [(a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None]
        found = {}
        for parameter, default in pairs:
            if isinstance(default, ast.Name):
                default = constants.get(default.id, default)
            try:
                found[parameter] = ast.literal_eval(default)
            except (ValueError, TypeError):
                pass  # What is computed is for the compiler alone: here the argument is missing.
    return found


def _file_options(filename):
    """The lines ``# gelcap: boundscheck=False`` and ``# cython: ...`` at the margin of a file, each at its place."""
    lines = linecache.getlines(filename)
    kept = [line if _OPTIONS.match(line) else "\n" for line in lines]
    return "".join(kept).rstrip("\n")


def source(function):
    """(text, first line) of a function's definition with its decorators, as it stands in its file or notebook cell.

    Raises CompileError where there is none: functions typed into a REPL or made by ``exec``.
    """
    import inspect

    code = function.__code__
    try:
        lines, line = inspect.getsourcelines(function)
    except (OSError, TypeError):
        lines = None
    if not lines:
        linecache.checkcache(code.co_filename)
        raise CompileError(
            f"the source of `{function.__name__}` is not available (it was typed into an interactive session or made by "
            f"exec): put it into a file or a notebook cell, or pass its text to gelcap.compile"
        )
    return "".join(lines), max(line, 1)
