"""``gelcap doctor``: what this installation can do on this machine, for bug reports."""

import platform
import sys


def doctor(file=None):
    """Print a report of versions, targets and checks; returns True if everything needed works."""
    import gelcap

    from . import _gelcap

    out = file or sys.stdout
    ok = True
    print(f"gelcap      {gelcap.__version__}", file=out)
    print(f"python      {platform.python_version()} ({sys.executable})", file=out)
    print(f"platform    {platform.platform()} {platform.machine()}", file=out)
    for name in ("numpy", "scipy"):
        try:
            print(f"{name:11s} {__import__(name).__version__}", file=out)
        except ImportError:
            print(f"{name:11s} not installed (optional)", file=out)
    for key, value in _gelcap.host_report():
        print(f"{key:11s} {value}", file=out)
    for target in ("native", "wasm"):
        try:
            f = gelcap.compile("def f(x):\n    return 2.0 * x\n", "f", "float64(float64)", target=target)
            passed = f(21.0) == 42.0
            status = "works" if passed else "gives a wrong answer"
        except Exception as e:
            passed, status = False, f"fails: {type(e).__name__}: {e}"
        ok = ok and passed
        print(f"{target:11s} {status}", file=out)
    print(f"result      {'everything works' if ok else 'something is wrong, see above'}", file=out)
    return ok
