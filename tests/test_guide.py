"""The instructor's guide: what it names is there, and its minutes add up."""

import argparse
import re
from pathlib import Path

import nbconvert
import pytest

from condensekit import cli, course, exercises, labs, presets

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
STUDY = (ROOT / "docs" / "study.md").read_text("utf-8")
TALK = {(one.lab, one.name): one for one in presets.TALK}
MODULES = {"course": course, "exercises": exercises, "presets": presets}


def anchor(title):
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def sections(level, text=GUIDE):
    """Headings of a level, each with what stands below it."""
    parts = re.split(rf"^{'#' * level} (.*)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


STEPS = sections(3, sections(2)["The steps"])
LECTURES = {
    "45 minutes": (45, [sections(2)["45 minutes"]]),
    "90 minutes": (90, [sections(2)["90 minutes"]]),
    "Three times 90 minutes": (90, [*sections(3, sections(2)["Three times 90 minutes"]).values()]),
}


def rows(text):
    """Minute, length and step of each row of a path."""
    found = re.findall(r"^\| (\d+) \| (\d+) \| \[(.+)\]\(#(.+)\) \|$", text, re.MULTILINE)
    return [(int(at), int(length), title, to) for at, length, title, to in found]


def presets_in(text):
    return re.findall(r'(\w+Lab)\.preset\("([^"]+)"\)', text)


def part(step, name):
    """What a step says under a name; empty if it says nothing."""
    found = re.findall(rf"^- \*\*{name}\*\* ((?:.+\n)(?:  .+\n)*)", STEPS[step], re.MULTILINE)
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize("path", LECTURES)
def test_the_minutes_of_a_path_add_up(path):
    length, days = LECTURES[path]
    assert len(days) == (3 if path.startswith("Three") else 1)
    for day in days:
        clock = 0
        for at, minutes, title, to in rows(day):
            assert (at, to) == (clock, anchor(title))
            assert title in STEPS
            clock += minutes
        assert clock == length
        assert day.count("\n| ") == len(rows(day)) + 1, "no row was read past"


def test_every_step_is_on_a_path_and_says_all_that_a_lecturer_needs():
    used = {title for _, days in LECTURES.values() for day in days for *_, title, _ in rows(day)}
    assert used == {*STEPS}
    for step in STEPS:
        assert part(step, "Open")
        if step not in ("Break", "Questions"):
            assert all(part(step, name) for name in ("Preset", "Talk", "Ask", "Expect")), step
            assert "**If**" in STEPS[step], step


def test_every_preset_is_there_and_every_lab_of_the_talk_is_shown():
    named = presets_in(GUIDE) + presets_in(STUDY)
    assert {*named} <= {*TALK}
    assert GUIDE.count(".preset(") == len(presets_in(GUIDE))
    assert {lab for lab, _ in named} == {lab for lab, _ in TALK}


@pytest.mark.parametrize("step", STEPS)
def test_a_preset_belongs_to_the_notebook_and_to_the_part_of_the_talk(step):
    notebooks = re.findall(r"\[([\w-]+)\]\(\.\./notebooks/([\w-]+)\.ipynb\)", STEPS[step])
    for title, name in notebooks:
        assert title == name
        assert (ROOT / "notebooks" / f"{name}.ipynb").is_file()
    for lab, name in presets_in(part(step, "Preset")):
        text = (ROOT / "notebooks" / f"{notebooks[0][0]}.ipynb").read_text("utf-8")
        assert f"{lab}(" in text
        source = TALK[lab, name].source
        subject = re.match(r"the talk: ([^;]+)", source) or re.search(r"(arXiv:\d+\.\d+)", source)
        assert subject[1].lower() in part(step, "Talk").lower()


def commands():
    (found,) = (
        one for one in cli._parser()._actions if isinstance(one, argparse._SubParsersAction)
    )
    return found.choices


@pytest.mark.parametrize("code", sorted({*re.findall(r"(?<!`)`([^`\n]+)`(?!`)", GUIDE + STUDY)}))
def test_every_line_of_code_names_what_there_is(code):
    if code.startswith("condensekit "):
        _, command, *more = code.split()
        assert command in commands()
        if command == "lecture":
            options, rest = cli._parser().parse_known_args([command, *more])
            assert (options.folder, rest) == (None, [])
        else:
            assert all(name in labs.__all__ for name in more)
    elif code.startswith("jupyter nbconvert "):
        *_, option, kind = code.split()
        assert option == "--to"
        assert kind in nbconvert.get_export_names()
    elif code.startswith("from condensekit import "):
        assert code.split()[-1] in MODULES
    else:
        names = re.findall(r"\b(\w+)\.(\w+)\(", code)
        assert names
        for owner, name in names:
            if owner == "lab":
                assert callable(getattr(labs.Lab, name))
            elif owner in MODULES:
                assert name in MODULES[owner].__all__
            else:
                assert owner in labs.__all__
                assert (owner, *re.findall(r'"([^"]+)"', code)) in TALK


def test_links_inside_the_guide_lead_to_its_headings():
    titles = {anchor(title) for title in re.findall(r"^#+ (.*)$", GUIDE, re.MULTILINE)}
    assert {*re.findall(r"\]\(#([^)]+)\)", GUIDE)} <= titles


def test_the_table_in_the_study_is_one_that_can_be_scored(tmp_path):
    (lines,) = re.findall(r"```text\n(.*?)```", STUDY, re.DOTALL)
    table = tmp_path / "answers.csv"
    table.write_text("\n".join(line.strip() for line in lines.splitlines()), "utf-8")
    found = course.score(table)
    assert found.students.keys() == {"17"}
    assert found.class_gain.value > 0.0
    for said in ("95 %", f"{course.gain.RESAMPLES:,} times"):
        assert said in STUDY
