"""The page of what was tried: numbers come from reports, and nothing is said without them."""

import datetime as dt
import json
import re
import shutil
import subprocess
import sys

import pytest
from site_tool import ROOT, loaded

tool = loaded("tools/write_reliability.py")

TESTS = """
import pytest

def test_one(record_property):
    record_property("reliability: inputs tried", 1_200)
    record_property("reliability: faults survived", 3)
    record_property("other", "text")

@pytest.mark.parametrize("k", [1, 2])
def test_two(k, record_property):
    record_property("reliability: inputs tried", k)

@pytest.mark.skip(reason="no browser")
def test_three():
    pass
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report as pytest writes it with several processes; made once."""
    folder = tmp_path_factory.mktemp("pytest")
    (folder / "test_some.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "-p",
        "no:nbval",
        "-p",
        "no:cacheprovider",
    ]
    command += ["--rootdir", folder, "-c", "/dev/null", "--junitxml", folder / "some.xml", folder]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / "some.xml"


@pytest.fixture
def reports(report, tmp_path):
    """All reports of a run."""
    folder = tmp_path / "reports"
    tool.begin(folder, tmp_path / "row")
    end(folder, report)
    return folder


def end(folder, report):
    """Every suite has reported."""
    for name in tool.SUITES:
        shutil.copy(report, folder / f"{name}.xml")


@pytest.fixture
def commit(monkeypatch):
    """Set the commit that runs begin on."""
    known = tool.here()
    return lambda name, **other: monkeypatch.setattr(
        tool, "here", lambda: known | {"Commit": name, **other}
    )


def test_a_report_is_counted_and_added_up(report):
    suite = tool.read(report)
    assert (suite.passed, suite.failed, suite.skipped) == (3, 0, 1)
    assert suite.tried == {"inputs tried": 1_203, "faults survived": 3}
    assert 0.0 < suite.seconds < 300.0
    begun = dt.datetime.strptime(suite.begun, "%Y-%m-%d %H:%M")
    assert abs(dt.datetime.now() - begun) < dt.timedelta(minutes=10)


def test_the_page_has_what_was_tried_where_and_what_was_not(reports):
    text = tool.page([tool.finished(reports)])
    suites = len(tool.SUITES)
    assert f"| inputs tried | {suites * 1_203:,} |" in text
    assert f"| faults survived | {suites * 3} |" in text
    assert text.count("| 3 | 0 | 1 |") == suites
    assert text.count(f"| {3 * suites} | 0 | {suites} |") == 1
    assert f"| Instructions | {tool.processor()} |" in text
    assert all(f"| {key} | {value} |" in text for key, value in tool.here().items())
    assert text.endswith(tool.NOT_COVERED)


def test_what_is_missing_is_named_and_nothing_is_written(reports, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(tool, "REPORTS", reports)
    monkeypatch.setattr(tool, "ROW", tmp_path / "row")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "PAGE", tmp_path / "page.md")
    for name in [*(f"{name}.xml" for name in tool.SUITES), tool.BEGUN]:
        held = (reports / name).read_bytes()
        (reports / name).unlink()
        assert tool.main([]) == 1
        told = capsys.readouterr().err
        assert f"{name} is missing: say make test-all first" in told
        (reports / name).write_bytes(held)
    assert not tool.PAGE.exists()
    assert tool.main([]) == 0
    assert "# What was tried" in tool.PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<testcase ", '<testcase name="it"><failure/></testcase><testcase ', "1 of slow"),
        ("<testcase ", '<testcase name="it"><error/></testcase><testcase ', "1 of slow"),
        ('value="1200"', 'value="many"', "must be a whole number, but is 'many'"),
        ("</testsuites>", "", "slow.xml is damaged"),
    ],
)
def test_a_run_with_a_failure_and_a_damaged_report_are_refused(reports, old, new, words):
    path = reports / "slow.xml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=re.escape(words)):
        tool.finished(reports)


def test_a_suite_without_a_test_says_nothing(reports):
    (reports / "graders.xml").write_text('<testsuites><testsuite time="0.1"/></testsuites>')
    with pytest.raises(ValueError, match="No test of graders was run"):
        tool.finished(reports)


def test_a_run_begins_without_the_reports_of_the_one_before(reports, tmp_path):
    tool.begin(reports, tmp_path / "row")
    assert [path.name for path in reports.iterdir()] == [tool.BEGUN]
    assert json.loads((reports / tool.BEGUN).read_text()) == tool.here()


def test_runs_on_one_commit_make_a_row(report, commit, tmp_path):
    folder, row = tmp_path / "reports", tmp_path / "row"
    commit("abc")
    for before in range(11):  # one more than one digit can count
        commit("abc", Day=f"day {before}")
        tool.begin(folder, row)
        end(folder, report)
        assert [path.name for path in tool.kept(row)] == [str(k + 1) for k in range(before)]
    text = tool.page([*map(tool.finished, [*tool.kept(row), folder])])
    numbers = re.findall(r"^\| (\d+) \| \d{4}-\d\d-\d\d \d\d:\d\d \| 15 \| 0 \| 5 \|", text, re.M)
    assert numbers == [str(k + 1) for k in range(11)]
    assert text.count("| inputs tried | 6,015 |") == 1  # of the last run alone


@pytest.mark.parametrize("ends", ["a failure", "no end", "another commit", "a change", "versions"])
def test_what_ends_a_row(ends, report, commit, tmp_path):
    folder, row = tmp_path / "reports", tmp_path / "row"
    commit("abc")
    for _ in range(2):
        tool.begin(folder, row)
        end(folder, report)
    tool.begin(folder, row)
    assert len(tool.kept(row)) == 2
    end(folder, report)
    if ends == "a failure":
        slow = folder / "slow.xml"
        slow.write_text(
            slow.read_text().replace("<testcase ", "<testcase><error/></testcase><testcase ", 1)
        )
    elif ends == "no end":
        (folder / "graders.xml").unlink()
    elif ends == "versions":
        commit("abc", Versions="others")
    else:
        commit("abd" if ends == "another commit" else "abc-dirty")
    tool.begin(folder, row)
    assert tool.kept(row) == []
    end(folder, report)
    tool.begin(folder, row)
    assert len(tool.kept(row)) == (ends != "a change")


def test_the_makefile_writes_these_reports_and_the_page_is_of_this_tool():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = re.findall(r"--junitxml \$\(REPORTS\)/([\w-]+)\.xml", makefile)
    assert named == [*tool.SUITES]
    assert len(re.findall(r"python -m pytest ", makefile)) == len(named)
    assert tool.PAGE.read_text("utf-8").endswith(tool.NOT_COVERED)
