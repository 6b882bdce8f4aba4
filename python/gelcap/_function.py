"""The methods of compiled functions. The type itself, with its call slot, is made in the extension module."""

from . import _gelcap
from ._capture import Sources, TextDefaults
from ._errors import CompileError


class FunctionMethods:
    """A compiled function: see :func:`gelcap.cfunc` and :func:`gelcap.jit`."""

    __slots__ = ()

    # ---- what it is

    def __repr__(self):
        what = "cfunc" if self._mode == "c" else "jit"
        shown = f" {self.signature}" if self._compiled else ""
        return f"<gelcap.{what} {self.__name__}{shown}>"

    def __get__(self, instance, owner=None):
        import types

        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self):
        raise TypeError(f"`{self.__name__}` is compiled code and cannot be pickled: pickle its py_func")

    @property
    def signature(self):
        """The types of the (first) compiled form; prints as C, ``.numba`` and ``.pythran`` give the other notations."""
        return self._one().signature

    @property
    def signatures(self):
        """The types of every compiled form, the oldest first."""
        return [c.signature for c in self._compiled]

    def inspect(self, stage="ir"):
        """A stage of the compilation as text.

        ``stage`` is one of ``ast types ir wat clif asm target``; Raises ValueError for others.
        """
        return self._one().emit(stage)

    # ---- as a C function

    @property
    def address(self):
        """The address of the C function, an int; valid for the rest of the process."""
        _given_to_c(self)
        return self._c().address()

    @property
    def ctypes(self):
        """The C function as a ctypes function object. An exception in the kernel is raised by its call."""
        cached = self.__dict__.get("_ctypes")
        if cached is None:
            from ._ctypes import function

            _given_to_c(self)
            cached = self._ctypes = function(self._c())
        return cached

    @property
    def capsule(self):
        """The C function as a PyCapsule with the name that SciPy compares."""
        cached = self.__dict__.get("_capsule")
        if cached is None:
            _given_to_c(self)
            cached = self._capsule = self._c().capsule(0, self)
        return cached

    def low_level_callable(self, user_data=None):
        """A ``scipy.LowLevelCallable``.

        ``user_data`` may be a scalar of ctypes, an array, a ctypes structure, a NumPy record, a number or a dataclass
        of numbers; it is checked against the type that the signature declares. Raises TypeError if it does not fit.
        """
        from .scipy import low_level_callable

        return low_level_callable(self, user_data)

    def bind(self, **params):
        """The same function with its user data bound: ``f.bind(user_data=1.0)``.

        The values live in the capsule's context, which SciPy passes as user data when none is given; assigning to the
        attribute of the same name changes them without compiling again.
        """
        from .scipy import Bound

        return Bound(self, params)

    @property
    def last_error(self):
        """The first exception of a call on a thread that Python does not know, or None. Reading it keeps it."""
        return self._one().last_error(False) if self._compiled else None

    def check(self):
        """Raise what :attr:`last_error` holds, and forget it."""
        error = self._one().last_error(True) if self._compiled else None
        if error is not None:
            raise error

    # ---- from Python, where no compiled form took the arguments as they are

    def _miss(self, args, kwargs):
        bound = self._bind(args, kwargs)
        if self._mode == "jit" and not self._signatures:
            return self._form_for(bound).call(bound)
        if kwargs or len(bound) != len(args):
            return self(*bound)
        raise TypeError(f"{self.__name__}() has no form for {len(args)} arguments")

    def _form_for(self, args):
        """The compiled form for the classes of the arguments, compiled now if there is none yet."""
        names = self._params()[0]
        classes = _gelcap.classes_of(args, list(names))
        for compiled in self._compiled:
            if compiled.classes == classes:
                return compiled
        try:
            made = self._compiler(self._request(classes=classes))
        except CompileError as error:
            nones = classes.nones()
            if not nones:
                raise
            # The kernel has no use for a None there: that is the caller's mistake.
            given = [f"`{names[i]}`" for i in nones]
            listed = " and ".join(filter(None, [", ".join(given[:-1]), given[-1]]))
            are = "is" if len(given) == 1 else "are"
            raise TypeError(
                f"argument{'s' * (len(given) > 1)} {listed} {are} None, with which `{self.__name__}` cannot be compiled"
            ) from error
        for compiled in made:
            self._add(compiled)
        return made[0]

    def _bind(self, args, kwargs):
        """The arguments in order, with keywords and defaults put in."""
        names, defaults = self._params()
        if len(args) > len(names):
            raise TypeError(f"{self.__name__}() takes {len(names)} arguments, got {len(args)}")
        bound = dict(zip(names, args))
        for key, value in kwargs.items():
            if key not in names:
                raise TypeError(f"{self.__name__}() got an unexpected keyword argument '{key}'")
            if key in bound:
                raise TypeError(f"{self.__name__}() got multiple values for argument '{key}'")
            bound[key] = value
        missing = [n for n in names if n not in bound and n not in defaults]
        if missing:
            raise TypeError(f"{self.__name__}() misses the argument{'s' * (len(missing) > 1)} {', '.join(missing)}")
        return tuple(bound[n] if n in bound else defaults[n] for n in names)

    def _params(self):
        f = self.py_func
        if f is None:
            return self._one().param_names, self._defaults
        code = f.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        values = f.__defaults__ or ()
        defaults = dict(zip(code.co_varnames[code.co_argcount - len(values) : code.co_argcount], values))
        return names, {**defaults, **(f.__kwdefaults__ or {})}

    # ---- compiled forms

    def _one(self):
        if not self._compiled:
            raise ValueError(f"`{self.__name__}` has not been compiled yet: call it, or declare a signature")
        return self._compiled[0]

    def _c(self):
        if self._mode != "c":
            raise TypeError(f"`{self.__name__}` has no C function: compile it with @cfunc and a signature")
        return self._compiled[0]

    def _request(self, **more):
        return {"mode": self._mode, "options": self._options, **self._source, **more}

    def _add(self, compiled):
        self._compiled.append(compiled)
        compiled.attach(self)


Function = _gelcap.function_type(FunctionMethods)


def make(function, mode, signatures, options, *, name=None, filename=None, compiler=_gelcap.compile):
    """A compiled function from a Python function, or from text (``mode == "text"``)."""
    if mode == "text":
        return text_functions(function, signatures, options, name=name, filename=filename, compiler=compiler)[0]
    function = getattr(function, "py_func", function)
    if not hasattr(function, "__code__"):
        raise TypeError(f"gelcap compiles Python functions, not {type(function).__name__}")
    self = _new(function, function.__name__, mode, signatures, options, None, compiler)
    # The functions it calls may be defined after it: look at its first call.
    self._source = _Lazy(function)
    if mode == "jit":
        for signature in signatures:
            for compiled in compiler(self._request(signatures=[signature])):
                self._add(compiled)
    else:
        for compiled in compiler(self._request(signatures=signatures)):
            self._add(compiled)
    return self


def text_functions(source, signatures, options, *, name, filename, compiler=_gelcap.compile, every=False):
    """The functions of a text, or the first of them: overloads are forms of one function."""
    made = compiler(
        {"mode": "text", "options": options, "text": source, "file": filename, "name": name, "signatures": signatures}
    )
    functions = {}
    for compiled in made:
        known = compiled.name if every else None
        self = functions.get(known)
        if self is None:
            mode = "c" if compiled.is_c else "jit"
            self = functions[known] = _new(None, compiled.name, mode, ["declared"], options, {}, compiler)
            self._defaults = TextDefaults(source, compiled.name)
        self._add(compiled)
    return list(functions.values())


def _new(function, name, mode, signatures, options, source, compiler=_gelcap.compile):
    self = Function()
    self.__dict__.update(
        __name__=name,
        __qualname__=getattr(function, "__qualname__", name),
        __module__=getattr(function, "__module__", None),
        __doc__=getattr(function, "__doc__", None),
        __wrapped__=function,
        py_func=function,
        _mode=mode,
        _signatures=signatures,
        _options=options,
        _source=source,
        _compiled=[],
        _compiler=compiler,
    )
    return self


_with_handles = set()


def _given_to_c(function):
    """From now on C may call the function on any thread: what nobody asks for is said at the end of the process."""
    if not _with_handles:
        import atexit

        atexit.register(_report_errors)
    _with_handles.add(function)


def _report_errors():
    """Exceptions that no one has seen, through ``sys.unraisablehook``."""
    for function in _with_handles:
        function._one().report_error(function)


class _Lazy:
    """The description of a function's sources, made when it is asked for; a mapping for ``**``."""

    def __init__(self, function):
        self._function = function

    def keys(self):
        return ("functions",)

    def __getitem__(self, key):
        return Sources(self._function).functions
