"""Build a release, check it, and try it in an empty environment: ``make release``.

Nothing is published and no tag is made: what is left to do by hand is said at the end. Needs
`build` and `twine` (the extra ``release``), and nothing of condensekit.
"""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "build" / "release"
SOURCES = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff", "LICENSE"),
    *("Makefile", "constraints.txt", "pyproject.toml", "condensekit/py.typed"),
    *("docs/formats.md", "docs/reliability.md", "tools/release.py", "tests/test_package.py"),
    *("tests/data/formats/0.2/condensekit-presets.txt", "binder/requirements.txt"),
)
"""What must be in the archive of sources, among others: with it the tests can be run."""


def version() -> str:
    """The version that the package says."""
    text = (ROOT / "condensekit" / "__init__.py").read_text("utf-8")
    return re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0]


def expected() -> set[str]:
    """Every file of the wheel but its metadata: what git knows, and what pyproject adds."""
    described = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = described["tool"]["hatch"]["build"]["targets"]["wheel"]
    found = {name for package in wheel["packages"] for name in _tracked(package)}
    for source, target in wheel["force-include"].items():
        found |= {target + path.removeprefix(source) for path in _tracked(source)}
    data = f"condensekit-{version()}.data/data/"
    return found | {data + target for target in wheel["shared-data"].values()}


def _tracked(path: str) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", path]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in told.split("\0") if name]


def complaints(wheel: Path, sdist: Path) -> list[str]:
    """What is wrong with what was built, a sentence for each; empty if nothing is."""
    found = []
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        told = email.message_from_bytes(archive.read(metadata))
    found += [f"The wheel lacks {name}." for name in sorted(expected() - names)]
    found += [
        f"The wheel holds {name}, which nobody put there." for name in sorted(names - expected())
    ]
    if told["Version"] != version():
        found.append(f"The wheel says version {told['Version']}, the package {version()}.")
    found += [
        f"On the page of the package this link leads nowhere: {link}"
        for link in re.findall(r"\]\((?!https://)([^)]*)\)", str(told.get_payload()))
    ]
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    found += [f"The sources lack {name}." for name in SOURCES if name not in sources]
    return found


def build(out: Path) -> tuple[Path, Path]:
    """The wheel and the archive of sources; the wheel is built from that archive."""
    shutil.rmtree(out, ignore_errors=True)
    _run(sys.executable, "-m", "build", "--outdir", out, ROOT)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    _run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    return wheel, sdist


def try_out(wheel: Path, torch: list[str]) -> None:
    """Install the wheel where nothing else is, and use it there as a stranger does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(sys.executable, "-m", "venv", folder / "env")
        python = folder / "env" / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet", "--no-compile")
        _run(*pip, *torch)
        _run(*pip, f"condensekit[lab] @ {wheel.as_uri()}")
        for variable in ("PYTHONPATH", "PYTHONHOME"):
            os.environ.pop(variable, None)
        work = folder / "work"
        work.mkdir()
        command = python.with_name("condensekit")
        _run(command, "recover", "--width", "50", "--n-samples", "12", cwd=work)
        if not (work / "recovery.png").stat().st_size:
            raise SystemExit("condensekit recover drew no picture.")
        _lecture(command, work)


def _lecture(command: Path, folder: Path) -> None:
    """Serve the lecture until it says its address."""
    with subprocess.Popen(
        [command, "lecture", "--no-browser", "--port", "0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        text=True,
    ) as process:
        told = []
        try:
            for line in process.stdout or ():
                told.append(line)
                if "http://127.0.0.1" in line:
                    break
        finally:
            process.terminate()
    if "http://127.0.0.1" not in told[-1]:
        raise SystemExit("condensekit lecture ended without an address:\n" + "".join(told))
    notebooks = sorted(path.name for path in (folder / "condensekit-lecture").glob("*.ipynb"))
    print(f"condensekit lecture serves {len(notebooks)} notebooks, from {notebooks[0]} on.")


def _run(*command: object, cwd: Path = ROOT) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, check=True)


def by_hand(number: str) -> str:
    """What nobody but a person should do."""
    folder = OUT.relative_to(ROOT)
    return f"""
condensekit {number} is built and checked in {folder}.
Nothing is published, and no tag is made. By hand:

1. make repetitions, make test-versions: read what they and docs/reliability.md say.
2. The date beside [{number}] in CHANGELOG.md, and as date-released in CITATION.cff; commit.
3. git tag -a v{number} -m "condensekit {number}", and push it: the package's page leads there.
4. make release once more, and twine upload {folder}/*; .github/workflows/release.yml would do both.
5. The next version in condensekit/__init__.py and CITATION.cff; of a minor one, also
   tools/store_files.py."""


def main() -> int:
    """Build, check, try, and say what is left; arguments are what pip is asked for PyTorch."""
    wheel, sdist = build(OUT)
    if wrong := complaints(wheel, sdist):
        print("\n".join(wrong))
        return 1
    try_out(wheel, sys.argv[1:])
    print(by_hand(version()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
