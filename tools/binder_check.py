"""Check what Binder will do with this checkout, without docker.

1. repo2docker renders the Dockerfile; the lines that matter must be in it.
2. Its steps are replayed in a clean environment: the versions of repo2docker's own base, then our
   requirements, then postBuild. Its base has an ipykernel that freezes live figures, so that what
   comes out must be another one.
3. What the badges of the README name is opened from there in a real browser: lecture, app and
   exercises (`tests/browser/test_binder.py`). A live run must be seen to move.

The commit that is checked out is checked, not what has not been committed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BASE = (
    "jupyterlab==4.4.9",
    "notebook==7.4.7",
    "ipykernel==7.0.1",
    "ipywidgets==8.1.7",
    "jupyter_server==2.17.0",
)
"""The base environment of repo2docker 2026.4.0, for Python 3.10 to 3.14 alike."""

LINES = (
    "Building conda environment for python=3.11",
    'pip install --no-cache-dir -r "binder/requirements.txt"',
    "./binder/postBuild",
    "binder/start",
)


def run(*command: object, **rest: object) -> str:
    """Run a command, its errors on our stderr; return what it printed."""
    print("$", *command, flush=True)
    done = subprocess.run([*map(str, command)], check=True, text=True, stdout=-1, **rest)
    return done.stdout


def environment(folder: Path) -> Path:
    """Make a virtual environment; return its Python."""
    run(sys.executable, "-m", "venv", folder)
    return folder / "bin" / "python"


def install(python: Path, *what: object, **rest: object) -> None:
    """Install with pip; an index that cannot be reached costs a moment, not minutes."""
    run(python, "-m", "pip", "install", "--quiet", "--retries", "0", *what, **rest)


def main() -> None:
    """Render, replay, open."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clone = folder / "clone"
        run("git", "clone", "--quiet", ROOT, clone)

        renderer = environment(folder / "renderer")
        install(renderer, "jupyter-repo2docker==2026.4.0")
        tool = renderer.with_name("jupyter-repo2docker")
        rendered = run(tool, "--no-build", "--debug", clone, stderr=subprocess.STDOUT)
        missing = [line for line in LINES if line not in rendered]
        if missing:
            raise SystemExit(f"The Dockerfile lacks: {missing}\n{rendered}")
        print(f"Dockerfile: all of {len(LINES)} lines found.")

        python = environment(folder / "binder")
        install(python, *BASE)
        install(python, "-r", "binder/requirements.txt", cwd=clone)
        run(python, "-m", "pip", "check")
        prefix = {"NB_PYTHON_PREFIX": str(folder / "binder")}
        run("./binder/postBuild", cwd=clone, env=os.environ | prefix)
        size = int(run("du", "-sm", folder / "binder").split()[0])
        kernel = run(python, "-c", "import ipykernel; print(ipykernel.__version__)").strip()
        if kernel.startswith("7.0."):
            raise SystemExit(f"ipykernel {kernel} freezes live figures.")
        print(f"Environment: {size:,} MB, ipykernel {kernel}.")

        asked = os.environ | {"LAB_PYTHON": str(python), "REQUIRE_BROWSER": "1"}
        tests = [sys.executable, "-m", "pytest", "-q", "-s", "tests/browser"]
        if subprocess.run(tests, cwd=ROOT, env=asked, check=False).returncode:
            raise SystemExit("The lab did not work in the environment that Binder would build.")
        print("Binder check passed.")


if __name__ == "__main__":
    main()
