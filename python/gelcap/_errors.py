"""The exceptions and warnings of compilation."""

import warnings


class CompileError(SyntaxError):
    """A kernel that cannot be compiled.

    It is a SyntaxError at the first fault, so that the interpreter shows the line and the carets. ``diagnostics`` holds
    every fault as a dictionary (``code``, ``severity``, ``message``, ``labels``, ``notes``, ``help``), ``rendered`` all
    of them as text with excerpts, as the command line prints them.
    """

    diagnostics = ()
    rendered = ""


class InternalCompilerError(RuntimeError):
    """A fault of gelcap, not of the kernel."""


class CompileWarning(UserWarning):
    """Something in a kernel that has no effect, or another one than its author may expect."""


def warn(message, help, filename, lineno):
    """What a compilation notes without failing; called by the extension module."""
    text = f"{message}; {help}" if help else message
    if filename is None:
        warnings.warn(text, CompileWarning, stacklevel=3)
    else:
        warnings.warn_explicit(text, CompileWarning, filename, lineno or 1)


def compile_error(message, location, diagnostics, rendered):
    """The exception of a failed compilation; called by the extension module.

    ``location`` is what SyntaxError takes: (filename, lineno, offset, text, end_lineno, end_offset), or None.
    """
    error = CompileError(message, location) if location is not None else CompileError(message)
    error.diagnostics = diagnostics
    error.rendered = rendered
    if rendered:
        error.add_note(rendered)
    return error
