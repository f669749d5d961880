"""What SECURITY.md says of the code is so: what is read is data, and servers answer here alone."""

import ast
import re
import tomllib
from pathlib import Path

import condensekit as ck

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PACKAGE = Path(ck.__file__).parent
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in PACKAGE.rglob("*.py")
}
UNSAFE = {"pickle", "marshal", "shelve", "dill", "joblib"}
BUILT_IN = {"eval", "exec", "compile", "__import__"}


def nodes(kind):
    """All nodes of a kind, with their files."""
    for name, tree in TREES.items():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, kind))


def imported():
    """Roots of all that is imported, by file."""
    for name, node in nodes(ast.Import):
        yield from ((name, alias.name.split(".")[0]) for alias in node.names)
    for name, node in nodes(ast.ImportFrom):
        if not node.level:
            yield name, node.module.split(".")[0]


def test_nothing_that_is_read_can_be_code():
    assert len(TREES) > 200
    found = [one for one in imported() if one[1] in UNSAFE]
    found += [
        (name, node.func.id)
        for name, node in nodes(ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id in BUILT_IN
    ]
    found += [
        (name, node.arg)
        for name, node in nodes(ast.keyword)
        if node.arg == "allow_pickle" and getattr(node.value, "value", True) is not False
    ]
    assert found == []


def test_only_the_processes_of_a_sweep_are_sent_code():
    assert {name for name, root in imported() if root == "cloudpickle"} == {"sweeps/parcel.py"}
    assert "sent there by cloudpickle" in PAGE


def test_the_rules_that_the_page_names_are_on():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    named = re.findall(r"\bS\d{3}\b", PAGE)
    assert named and {*named} <= {*settings["select"]}
    ignored = [path for path, rules in settings["per-file-ignores"].items() if {*rules} & {*named}]
    assert ignored == ["tests/**"]


def test_every_file_that_the_page_names_is_there():
    for name in re.findall(r"`(tests/[\w/]+\.py)`", PAGE):
        assert (ROOT / name).is_file(), name


def test_servers_answer_on_this_machine_alone():
    values = {name: node.value for name, node in nodes(ast.Constant) if node.value == "127.0.0.1"}
    assert "app/server.py" in values
    assert not [name for name, node in nodes(ast.Constant) if node.value in ("0.0.0.0", "::")]
