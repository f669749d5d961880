"""The summary of benchmarks: ratios of what was measured, and what says that it was not."""

import importlib
import sys
import types

import pytest

import benchmarks.__main__ as command
from benchmarks.summary import HEAD, Claim, summary


def test_a_row_is_the_median_ratio_of_its_rounds_with_least_and_most():
    row = Claim("64 runs", "torch", [2.0, 1.0, 4.0], [6.0, 9.0, 8.0]).row()
    assert row == "| 64 runs | 2 s | torch | 8 s | **3** (2-9) |"


def test_a_slower_one_is_told_as_it_is():
    assert "**0.5** (0.5-0.5)" in Claim("one run", "JAX", [2.0], [1.0]).row()


def test_a_tool_that_is_not_installed_is_told():
    row = Claim("64 runs", "JAX", [1.0], []).row()
    assert row == "| 64 runs | 1 s | JAX | not installed | - |"


def test_seconds_that_nobody_waited_for_are_told():
    row = Claim("flow", "gradient descent", [2.0], [7.2e6], computed=True).row()
    assert "2,000 h, computed" in row and "**4e+06**" in row


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([], [1.0]), ([1.0, 2.0], [1.0])])
def test_two_sides_have_as_many_rounds(ours, theirs):
    with pytest.raises(ValueError, match="rounds"):
        Claim("64 runs", "torch", ours, theirs)


def test_a_table_has_a_column_for_each_of_its_head():
    lines = summary([Claim("a", "b", [1.0], [2.0]), Claim("c", "d", [1.0], [])]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert len(lines) == len(HEAD.splitlines()) + 2


@pytest.mark.parametrize("name", command.QUICK + command.STUDIES)
def test_every_table_says_what_it_is_and_measures(name):
    if name == "sweeps":
        pytest.importorskip("xarray")
    table = importlib.import_module(f"benchmarks.{name}")
    assert table.TITLE and table.EXPLANATION
    assert callable(table.measure)


def test_one_run_writes_each_table_and_the_summary_of_all(monkeypatch, tmp_path, capsys):
    tables = {
        "first": lambda: ("| one |", [Claim("a", "torch", [1.0], [3.0])]),
        "second": lambda: "| a study |",
        "third": lambda: ("| two |", [Claim("b", "JAX", [1.0], [])]),
    }
    for name, measure in tables.items():
        made = types.SimpleNamespace(TITLE=name, EXPLANATION="Why.", measure=measure)
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", made)
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    monkeypatch.setattr(command, "QUICK", tuple(tables))
    command.main([])
    assert {path.stem for path in tmp_path.iterdir()} == {*tables, "summary"}
    told = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "**3** (3-3)" in told and "not installed" in told
    assert told in capsys.readouterr().out
    (tmp_path / "summary.md").unlink()
    command.main(["first"])
    assert not (tmp_path / "summary.md").exists(), "a part of the tables is no summary"


def test_a_table_that_there_is_not_ends_with_a_sentence():
    with pytest.raises(SystemExit, match="No such table: nothing"):
        command.main(["nothing"])
