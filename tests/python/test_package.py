"""The package itself: what importing it costs, the command line, the report, the stubs."""

import json
import pathlib
import subprocess
import sys

import gelcap


def run(*args, **kwargs):
    return subprocess.run([sys.executable, *map(str, args)], capture_output=True, text=True, **kwargs)


def test_import_brings_nothing_heavy():
    done = run("-c", "import gelcap, sys; print([m for m in ('numpy', 'scipy', 'inspect', 'ctypes') if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_doctor():
    done = run("-m", "gelcap", "doctor")
    assert done.returncode == 0, done.stdout
    assert "native      works" in done.stdout and "wasm        works" in done.stdout


def test_check_and_json(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("#pythran export f(int)\ndef f(n):\n    return n + unknown\n")
    done = run("-m", "gelcap", "check", bad)
    assert done.returncode == 1 and "bad.py:3" in done.stderr
    done = run("-m", "gelcap", "check", "--format", "json", bad)
    report = json.loads(done.stdout)
    assert report["diagnostics"][0]["code"] and report["diagnostics"][0]["labels"][0]["line"] == 3
    good = tmp_path / "good.py"
    good.write_text("#pythran export f(int)\ndef f(n):\n    return n\n")
    assert run("-m", "gelcap", "check", good).returncode == 0


def test_run_inspect_explain(tmp_path):
    kernel = tmp_path / "k.py"
    kernel.write_text("# gelcap: export f(int, float)\ndef f(n, x):\n    return n * x\n")
    for target in ("native", "wasm"):
        done = run("-m", "gelcap", "run", "--target", target, kernel, "f", "3", "0.5")
        assert done.stdout.strip() == "1.5", done.stderr
    done = run("-m", "gelcap", "run", kernel, "f", "3", "abc")
    assert done.returncode != 0 and "abc" in done.stderr
    for stage in ("ast", "types", "ir", "wat", "clif", "asm"):
        done = run("-m", "gelcap", "inspect", kernel, "--emit", stage)
        assert done.returncode == 0 and "f" in done.stdout, (stage, done.stderr)
    done = run("-m", "gelcap", "explain", "undefined-name")
    assert done.returncode == 0 and len(done.stdout) > 100
    assert run("-m", "gelcap", "explain", "no-such-code").returncode == 1


def test_the_package_is_typed():
    folder = pathlib.Path(gelcap.__file__).parent
    assert (folder / "py.typed").exists() and (folder / "__init__.pyi").exists()
    stub = (folder / "__init__.pyi").read_text()
    for name in gelcap.__all__:
        assert name in stub, name
