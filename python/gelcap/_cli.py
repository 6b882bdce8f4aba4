"""The ``gelcap`` command as it is installed with the Python package."""

import sys


def main():
    """Run the command line; returns the exit status."""
    from . import _gelcap

    argv = sys.argv[1:]
    if argv[:1] == ["doctor"]:
        from ._doctor import doctor

        return 0 if doctor() else 1
    if argv[:1] == ["demo"] and argv[1:2] not in (["-h"], ["--help"]):
        from ._demo import main as demo

        return demo(*argv[1:2])
    return _gelcap.command_line(["gelcap", *argv])
