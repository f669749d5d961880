"""Mutants: change one operator, number or comparison of the package, and see whether a test fails.

A sample is drawn by a seed: places of a package first, each as likely as any other, and then one of
the changes that Cosmic Ray knows for it. Each mutant meets the test files that write most of the
public names of its module, in processes that are forked from one with torch, in a copy.
"""

import argparse
import ast
import contextlib
import difflib
import itertools
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import cosmic_ray.ast
import cosmic_ray.plugins
import pytest
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).parents[1]
PACKAGES = ("measures", "exact", "symmetry", "dynamics")
FILES, AT_ONCE = 12, 5
"""Test files that a mutant meets, at most, and how many files are run in one process."""
SECONDS = 90
"""Of the processor, for each process; a mutant that takes longer never ends, and is killed."""
NOT = re.compile(r"_BitOr_|BitOr$|Variable")
"""Most of these bars stand between types, which no run reads."""


def operators():
    """The changes that Cosmic Ray knows and that need no settings."""
    for name in sorted(cosmic_ray.plugins.operator_names()):
        if not NOT.search(name):
            with contextlib.suppress(TypeError):
                yield name, cosmic_ray.plugins.get_operator(name)()


def places(path, known):
    """Where a file can be changed: (first, last) -> name of the change, and its how manieth."""
    found = {}
    nodes = [*cosmic_ray.ast.ast_nodes(cosmic_ray.ast.get_ast(path.read_text("utf-8")))]
    for name, change in known:
        at = [where for node in nodes for where in _positions(change, node)]
        for occurrence, where in enumerate(at):
            found.setdefault(where, []).append((name, occurrence))
    return found


def _positions(change, node):
    return [(first, last) for first, last in change.mutation_positions(node)]


def sample(package, count, draw):
    """Mutants of a package: file, change, how manieth."""
    known = [*operators()]
    every = [
        (path, where, changes)
        for path in sorted((ROOT / "condensekit" / package).rglob("*.py"))
        for where, changes in sorted(places(path, known).items())
    ]
    for path, _, changes in draw.sample(every, count):
        yield path, *draw.choice(changes)


def tests_of(path):
    """A module and its test files, in parts: the one of its name, then those that write its names.

    Where there are too few, as of a module that does nothing but register, those that write the
    names of its package.
    """
    own = [*(ROOT / "tests").glob(f"test_{path.stem}.py")]
    files = dict.fromkeys(own + _written(path) + _written(path.with_name("__init__.py")))
    every = [path, *[*files][:FILES]]
    named = [file.relative_to(ROOT) for file in every]
    return [named[first : first + AT_ONCE] for first in range(0, len(named), AT_ONCE)]


def _written(path):
    """The test files that name the package; first those with most of the module's names.

    Of as many names, those that write them most often: one name may be a word of everyday.
    """
    (listed,) = re.findall(r"^__all__\b.*?= (\[.*?\])", path.read_text("utf-8"), re.DOTALL | re.M)
    names = ast.literal_eval(listed)
    words = re.compile(rf"\b({'|'.join(names)})\b")
    package = re.compile(rf"\b{path.relative_to(ROOT).parts[1]}\b")
    counted = {}
    for file in (ROOT / "tests").glob("test_*.py"):
        text = file.read_text("utf-8")
        if names and package.search(text) and (found := words.findall(text)):
            counted[file] = len({*found}), len(found)
    return sorted(counted, key=counted.__getitem__, reverse=True)


def status(folder, files):
    """What pytest returns for these files in a copy; a negative number is what ended it.

    Where there is no test in them, 0: nothing was seen.
    """
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70  # of whatever else ends it: what follows in this file is the parent's
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        os.chdir(folder)
        with (Path(folder) / "output.txt").open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        sys.path.insert(0, str(folder))
        options = ["-x", "-q", "-m", "not slow", "-p", "no:nbval", "-p", "no:cacheprovider"]
        code = pytest.main([*options, *map(str, files)])
        code = 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code
    except BaseException:  # noqa: BLE001  a child never comes back
        traceback.print_exc()
    finally:
        os._exit(code)


def main():
    """Make mutants, and name those that no test saw; the status is 1 if they are too many."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--each", type=int, default=40, help="mutants of a package (default: 40)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--least", type=float, default=0.85, help="share to be killed")
    parser.add_argument("packages", nargs="*", default=PACKAGES)
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    for name in ("torch", "numpy", "sympy", "flint", "scipy"):
        __import__(name)  # once, for all that are forked
    too_few, whole = [], set()
    with tempfile.TemporaryDirectory() as folder:
        apart = shutil.ignore_patterns(".*", "build", "dist", "__pycache__")
        shutil.copytree(ROOT, folder, ignore=apart, dirs_exist_ok=True)
        for package in options.packages:
            draw, killed, made = random.Random(f"{options.seed} {package}"), 0, 0
            for path, change, occurrence in sample(package, options.each, draw):
                known, parts = path.read_text("utf-8"), tests_of(path)
                operator = cosmic_ray.plugins.get_operator(change)()
                changed = mutate_code(known, operator, occurrence)
                there = Path(folder) / path.relative_to(ROOT)
                found = 0
                for part in parts:
                    fresh = [file for file in part if file not in whole]
                    if fresh and (code := status(folder, fresh)):
                        raise SystemExit(f"Without a mutant {fresh} end with {code} already.")
                    whole.update(fresh)
                    there.write_text(changed, "utf-8")
                    found = status(folder, part)
                    there.write_text(known, "utf-8")
                    if found:
                        break
                made, killed = made + 1, killed + (found != 0)
                what = f"{'killed' if found else 'LIVES'} {path.relative_to(ROOT)} {change}"
                print(what, found, flush=True)
                if not found:
                    lines = difflib.unified_diff(known.split("\n"), changed.split("\n"), n=0)
                    print("\n".join(line for line in lines if re.match(r"[-+@](?![-+])", line)))
                    print("   met", *itertools.chain.from_iterable(parts), flush=True)
            print(f"{package}: {killed} of {made} killed ({killed / made:.0%})", flush=True)
            if killed < options.least * made:
                too_few.append(package)
    return bool(too_few)


if __name__ == "__main__":
    sys.exit(main())
