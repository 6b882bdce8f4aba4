"""Options and fixtures: which implementation is measured, on how many points."""

import os

import pytest

import implementations

RESULTS = []


def pytest_addoption(parser):
    parser.addoption(
        "--impl",
        default=os.environ.get("GELCAP_MATH_IMPL", "python"),
        help="python (the sources under CPython), or module:attribute naming a dict "
        "from function name to a callable on float64 arrays",
    )
    parser.addoption(
        "--points", type=int, default=2000, help="random points per range of each function"
    )


@pytest.fixture(scope="session")
def impl(request):
    return implementations.load(request.config.getoption("--impl"))


@pytest.fixture(scope="session")
def count(request):
    return request.config.getoption("--points")


@pytest.fixture(scope="session")
def record():
    """Takes (function, points, worst error in ulp, where); printed at the end."""
    return lambda *row: RESULTS.append(row)


def pytest_terminal_summary(terminalreporter):
    if not RESULTS:
        return
    terminalreporter.section("worst errors")
    terminalreporter.write_line(f"{'function':9}{'points':>8}{'ulp':>9}  at")
    for name, points, worst, where in sorted(RESULTS):
        at = ", ".join(repr(float(v)) for v in where)
        terminalreporter.write_line(f"{name:9}{points:8d}{worst:9.4f}  {at}")
