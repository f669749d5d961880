"""A release: its number, its addresses, its page and its contents; and which versions are tried."""

import io
import re
import sys
import tarfile
import tomllib
import zipfile

import pytest
import yaml
from packaging.requirements import Requirement
from site_tool import ROOT, loaded

import condensekit as ck
from condensekit.replays.binder import REPOSITORY

release = loaded("tools/release.py")
versions = loaded("tools/versions.py")
write_badges = loaded("tools/write_badges.py")
DESCRIBED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OWNER, NAME, _ = REPOSITORY.split("/", 2)
FILES = f"https://github.com/{OWNER}/{NAME}/blob/v{ck.__version__}/"
PICTURES = f"https://raw.githubusercontent.com/{OWNER}/{NAME}/v{ck.__version__}/"


def text(name):
    return (ROOT / name).read_text("utf-8")


def test_the_number_of_the_version_is_the_same_everywhere():
    assert release.version() == ck.__version__
    assert yaml.safe_load(text("CITATION.cff"))["version"] == ck.__version__
    headings = re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", ck.__version__]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("name", write_badges.NAMING)
def test_addresses_are_those_of_the_one_repository(name):
    assert write_badges.addressed(text(name)) == text(name)
    elsewhere = text(name).replace(f"{OWNER}/{NAME}", "some-body/their.fork")
    assert elsewhere != text(name)
    assert write_badges.addressed(elsewhere) == text(name)


def page():
    """The README as its substitutions make it."""
    found = text("README.md")
    for rule in DESCRIBED["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"][
        "substitutions"
    ]:
        to = rule["replacement"].replace("$HFPR_VERSION", ck.__version__)
        found = re.sub(rule["pattern"], to, found)
    return found


def test_on_the_page_of_the_package_every_link_is_whole_and_leads_to_a_file():
    links = re.findall(r"\]\(([^)]+)\)", page())
    assert len(links) == len(re.findall(r"\]\(", text("README.md"))) > 30
    assert not [link for link in links if not link.startswith("https://")]
    ours = [link for link in links if link.startswith((FILES, PICTURES))]
    assert len(ours) > 25
    for link in ours:
        path, _, heading = link.removeprefix(FILES).removeprefix(PICTURES).partition("#")
        assert (ROOT / path).is_file(), link
        if heading:
            assert f"## {heading.replace('-', ' ')}" in text(path).lower()
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page())
    assert len([one for one in pictures if one.startswith(PICTURES)]) == 2


def test_in_the_repository_links_of_the_readme_lead_somewhere_without_a_network():
    for link in re.findall(r"\]\((?!https:|#)([^)#]+)", text("README.md")):
        assert (ROOT / link).is_file(), link


def built(
    folder, names, version=ck.__version__, readme="[a](https://a.b/c)", sources=release.SOURCES
):
    """A wheel and an archive of sources, as far as they are looked at."""
    with zipfile.ZipFile(folder / "a.whl", "w") as archive:
        for name in names:
            archive.writestr(name, "")
        archive.writestr("a.dist-info/METADATA", f"Version: {version}\n\n{readme}\n")
    with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
        for name in sources:
            archive.addfile(tarfile.TarInfo(f"condensekit-1/{name}"), io.BytesIO())
    return folder / "a.whl", folder / "a.tar.gz"


needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git says what a wheel holds")


@needs_git
def test_a_wheel_holds_what_it_should(tmp_path):
    names = release.expected()
    assert {"condensekit/py.typed", "condensekit/docs/guide.md", "condensekit/labs/lab.py"} <= names
    assert "condensekit/notebooks/00-welcome.ipynb" in names
    assert release.complaints(*built(tmp_path, names)) == []


@needs_git
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"names": {"condensekit/py.typed"}}, ["The wheel lacks condensekit/py.typed."]),
        ({"names": {"tests/x.py"}}, ["The wheel holds tests/x.py, which nobody put there."]),
        ({"version": "9.9.9"}, [f"The wheel says version 9.9.9, the package {ck.__version__}."]),
        (
            {"readme": "[a](docs/a.md)"},
            ["On the page of the package this link leads nowhere: docs/a.md"],
        ),
        ({"sources": release.SOURCES[1:]}, ["The sources lack README.md."]),
    ],
)
def test_what_is_wrong_with_a_build_is_said(tmp_path, changed, said):
    names = release.expected() ^ changed.pop("names", set())
    assert release.complaints(*built(tmp_path, names, **changed)) == said


def test_what_is_left_to_do_names_commands_that_there_are():
    told = release.by_hand(ck.__version__)
    assert "Nothing is published, and no tag is made." in told
    targets = re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE)
    assert {*re.findall(r"\bmake ([a-z-]+)", told)} <= {*targets}
    assert all((ROOT / path).is_file() for path in re.findall(r"[\w./]+\.(?:yml|py|md|cff)", told))


# --- versions ----------------------------------------------------------------------------------


def test_the_oldest_and_the_newest_are_those_of_the_other_files():
    pythons = [one.python for one in versions.ENVIRONMENTS]
    torches = {one.torch for one in versions.ENVIRONMENTS}
    assert DESCRIBED["project"]["requires-python"] == f">={pythons[0]}"
    (asked,) = [one for one in DESCRIBED["project"]["dependencies"] if one.startswith("torch")]
    assert [one for one in torches if str(Requirement(asked).specifier) in f">={one}"] == ["2.6.0"]
    (pinned,) = re.findall(r"^TORCH := torch==(.+)$", text("Makefile"), re.MULTILINE)
    assert max(torches, key=lambda one: [*map(int, one.split("."))]) == pinned
    assert versions.TORCH_CPU in text("Makefile")
    matrix = yaml.safe_load(text(".github/workflows/tests.yml"))["jobs"]["tests"]["strategy"][
        "matrix"
    ]
    left_out = [(one["python"], one["torch"]) for one in matrix["exclude"]]
    all_of_them = {(python, torch) for python in matrix["python"] for torch in matrix["torch"]}
    tried = {(one.python, one.torch) for one in versions.ENVIRONMENTS}
    assert tried == all_of_them - {*left_out}
    assert all((ROOT / "tests" / f"test_{name}.py").is_file() for name in versions.TESTS)


@pytest.mark.parametrize(
    ("missing", "failing", "status"),
    [([], [], 0), (["2.6.0", "3.14"], [], 0), ([], ["newest"], 1), (["3.1"], [], 1)],
    ids=["all pass", "some cannot be got", "one fails", "none can be got"],
)
def test_no_environment_is_passed_over_in_silence(missing, failing, status, monkeypatch, capsys):
    def make(one, folder):
        if any(word in str(one) for word in missing):
            raise versions.Missing("there is no such wheel")
        return one

    monkeypatch.setattr(versions, "make", make)
    monkeypatch.setattr(versions, "run", lambda one: not any(word in str(one) for word in failing))
    assert versions.main([]) == status
    told = capsys.readouterr().out.splitlines()
    for one in versions.ENVIRONMENTS:
        (line,) = [line for line in told if line.endswith(str(one)) and line != str(one)] or [
            line for line in told if line.startswith(f"NOT RUN  {one}: there is no such wheel")
        ]
        kind = "NOT RUN" if any(word in str(one) for word in missing) else "passed"
        kind = "FAILED" if any(word in str(one) for word in failing) else kind
        assert line.startswith(kind)
    assert ("nothing is known" in told[-1]) == (missing == ["3.1"])


def test_what_cannot_be_got_is_told_in_the_words_of_who_looked():
    with pytest.raises(versions.Missing, match="no such thing here"):
        versions._get(sys.executable, "-c", "raise SystemExit('no such thing here')")
