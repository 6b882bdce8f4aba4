"""What only the sources can show: generated blocks, and the exact reduction."""

import importlib
import subprocess
import sys

import mpmath
import numpy as np
import pytest

import implementations


@pytest.fixture(scope="module")
def trig():
    implementations.from_sources()
    return importlib.import_module("mathlib.trig")


def test_generated_blocks_are_current():
    script = implementations.SOURCES / "mathlib" / "derive.py"
    run = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def carries(trig, mantissa, exponent):
    """Whether the sum of partial products carries into the top word."""
    digits = sum(int(w) << (64 * (19 - j)) for j, w in enumerate(trig.TWO_OVER_PI))
    window = (digits >> (64 * 20 - (exponent + 62) - 192)) & (2**192 - 1)
    middle, low = (window >> 64) & (2**64 - 1), window & (2**64 - 1)
    return (mantissa * middle) % 2**64 + (mantissa * low >> 64) >= 2**64


def huge_arguments(trig, rng):
    """Random ones, and ones that carry, which only one in thousands does."""
    found = []
    for i in range(40000):
        mantissa = int(rng.integers(2**52, 2**53))
        exponent = int(rng.integers(-35, 971))
        if i < 500 or carries(trig, mantissa, exponent):
            found.append(float(mpmath.ldexp(mantissa, exponent)))
    assert len(found) > 502
    return found


def test_reduction_of_huge_arguments(trig):
    with mpmath.workprec(1500):
        step = mpmath.pi / 64
        for x in huge_arguments(trig, np.random.default_rng(17)):
            with np.errstate(all="ignore"):
                k, r, low = trig.trig_reduce_huge(np.float64(x))
            truth = mpmath.mpf(x) - mpmath.nint(mpmath.mpf(x) / step) * step
            off = abs(mpmath.mpf(float(r)) + mpmath.mpf(float(low)) - truth)
            assert off < mpmath.ldexp(1, -75), x
            assert (int(k) - int(mpmath.nint(mpmath.mpf(x) / step))) % 128 == 0, x
