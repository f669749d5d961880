"""Editions: what students, graders and lecturers get of the same notebooks."""

import ast
import contextlib
import copy
import re
import warnings

import nbformat
import pytest
import test_guide
from nbclient import NotebookClient
from nbconvert import SlidesExporter
from often import sparsely

from condensekit import cli, editions, exercises
from condensekit.editions.guide import steps
from condensekit.editions.student import TITLE
from condensekit.exercises import NOTEBOOKS, QUESTIONS

SOURCES = {one.metadata["condensekit"]["notebook"]: one for one in editions.sources()}
SHORT = ("00-welcome", "10-exercises")
RUN = (("00-welcome", "student"), ("10-exercises", "solutions"), ("10-exercises", "instructor"))
"""What is run here: each edition, and two short notebooks; `tests/slow` runs all."""

sources = pytest.mark.parametrize("name", SOURCES)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def statements(cells):
    return sorted(ast.unparse(one) for cell in cells for one in ast.parse(cell.source).body)


def folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def solved(notebook):
    """The cells that solve, by their questions."""
    found = [(cell.metadata.get("condensekit", {}).get("solves"), cell) for cell in notebook.cells]
    return {name: cell for name, cell in found if name}


def asked(name):
    """The questions that a notebook asks, found by its text alone."""
    text = "\n".join(cell.source for cell in code(SOURCES[name]))
    listed = [make.__name__ for make in NOTEBOOKS.get(name[:2], ())]
    taken = [word for word in re.findall(r"= exercises\.(\w+)\(\)", text) if word in QUESTIONS]
    return taken or listed


def answering(solution):
    """What the code of a solution computes the answer by, where that is more than a name."""
    found = []
    for one in ast.parse(solution).body:
        if isinstance(one, ast.FunctionDef) and one.name == "answer":
            found.append(ast.unparse(one).split("\n", 1)[1].strip())
        elif isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "answer":
            found.append(ast.unparse(one.value))
    return [text for text in found if len(text) > 20]


# --- laws of all editions ------------------------------------------------------------------------


@sources
@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_an_edition_is_a_notebook_and_leaves_its_source_alone(name, edition):
    before = copy.deepcopy(SOURCES[name])
    found = editions.edition(SOURCES[name], edition)
    assert SOURCES[name] == before
    assert found == editions.edition(SOURCES[name], edition), "the same each time"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of ids that are there twice
        nbformat.validate(found)
    assert "NBVAL" not in "".join(cell.source for cell in found.cells)
    kept = {cell.id: cell for cell in found.cells}
    for cell in code(SOURCES[name]):
        assert kept[cell.id].outputs == cell.outputs
    texts = "\n".join(cell.source for cell in found.cells)
    for cell in SOURCES[name].cells:
        if cell.cell_type == "markdown":
            assert all(line in texts for line in cell.source.splitlines())


@pytest.mark.parametrize("change", [one for chain in editions.EDITIONS.values() for one in chain])
def test_they_compose_with_a_change_of_texts(change):
    """A translation, say, which knows nothing of editions."""

    def louder(notebook):
        notebook = copy.deepcopy(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = cell.source.upper()
        return notebook

    source = SOURCES["00-welcome"]
    first, then = change(louder(source)), louder(change(source))
    assert [cell.source.upper() for cell in first.cells] == [
        cell.source.upper() for cell in then.cells
    ]


def test_an_edition_that_there_is_not_is_refused(tmp_path):
    told = "edition must be one of student, solutions, instructor, but is 'teacher'"
    with pytest.raises(ValueError, match=told):
        editions.edition(SOURCES["00-welcome"], "teacher")
    with pytest.raises(ValueError, match=told):
        editions.hand_out(tmp_path / "new", "teacher")
    assert not [*tmp_path.iterdir()]


# --- students ------------------------------------------------------------------------------------


@sources
def test_a_student_runs_all_that_the_source_runs_and_sees_no_check_at_an_end(name):
    found = editions.edition(SOURCES[name])
    assert statements(code(found)) == statements(code(SOURCES[name]))
    for cell in code(found):
        if folded(cell):
            assert cell.source.startswith(f"{TITLE}\n"), "Jupyter shows the first line in its place"
            assert not cell.outputs
            kinds = {type(one) for one in ast.parse(cell.source).body}
            assert kinds <= {ast.Assert, ast.For, ast.If, ast.With}
        elif body := ast.parse(cell.source).body:
            said = [one for one in body if not isinstance(one, ast.Assert)][-1]
            value = isinstance(said, ast.Expr) and not ast.unparse(said).startswith("print(")
            assert value or not isinstance(body[-1], ast.Assert), cell.source
    assert editions.student(found) == found, "there is nothing left to do"


@pytest.mark.parametrize(
    ("source", "kept", "checks"),
    [
        ("assert 1", "", "assert 1"),
        ("# NBVAL_CHECK_OUTPUT\nx = 1", "x = 1", ""),
        ("x = 1\n\nassert x  # one\nassert (\n    x == 1\n)", "x = 1",
         "assert x  # one\nassert (\n    x == 1\n)"),
        ("x = 1\nassert x\nprint(x)", "x = 1\nprint(x)", "assert x"),
        ("x = 1\nassert x\nx", "x = 1\nx", "assert x"),
        ("x = 1\nfor y in [x]:\n    assert y", "x = 1", "for y in [x]:\n    assert y"),
        ("x = 1\nassert x\nx = 2", "x = 1\nassert x\nx = 2", ""),
        ("for y in [1]:\n    print(y)\n    assert y", "for y in [1]:\n    print(y)\n    assert y",
         ""),
        ("[1].sort()\nassert 1", "[1].sort()\nassert 1", ""),
        ("x = 1; assert x", "x = 1; assert x", ""),
        ("%time x = 1\nassert x", "%time x = 1\nassert x", ""),
        ("# only a word", "# only a word", ""),
    ],
)  # fmt: skip
def test_what_is_folded(source, kept, checks):
    cell = nbformat.v4.new_code_cell(source, id="one")
    found = editions.student(nbformat.v4.new_notebook(cells=[cell])).cells
    shown = [one.source for one in found if not folded(one)]
    hidden = [one.source for one in found if folded(one)]
    assert "\n".join(shown) == kept
    assert hidden == ([f"{TITLE}\n{checks}"] if checks else [])


@sources
def test_a_student_is_given_no_solution(name):
    found = editions.edition(SOURCES[name])
    text = str(found)
    written = "\n".join(ast.unparse(ast.parse(cell.source)) for cell in code(found))
    for question in (make() for make in QUESTIONS.values()):
        for part in (question.answered.text, question.answered.code.strip()):
            assert repr(part)[1:-1] not in text
        for made in answering(question.answered.code):
            assert made not in written


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", SHORT)
def test_a_student_is_given_no_expected_value(name):
    check_expected(name)


def check_expected(name):
    """No literal of an exercise's cells, and nothing that is stored, is an expected answer."""
    found = editions.edition(SOURCES[name])
    stored = [str(out.get("data", "")) for cell in code(found) for out in cell.outputs]
    given = []
    for cell in code(found):
        if re.search(r"exercises|\bq\d|answers\[|prediction", cell.source):
            for node in ast.walk(ast.parse(cell.source)):
                with contextlib.suppress(ValueError):  # no literal
                    given.append(ast.literal_eval(node))
    assert asked(name)
    for question in (QUESTIONS[one]() for one in asked(name)):
        finding = question.investigate()
        assert finding.answer not in given
        for told in (finding.told, finding.table):
            assert not any(told in text or repr(told)[1:-1] in text for text in stored)


# --- solutions -----------------------------------------------------------------------------------


@sources
@pytest.mark.parametrize("edition", ["solutions", "instructor"])
def test_each_exercise_is_solved_once_below_its_cells(name, edition):
    found = editions.edition(SOURCES[name], edition)
    cells = solved(found)
    assert [*cells] == asked(name)
    for one, cell in cells.items():
        question = QUESTIONS[one]()
        code_, judged = cell.source.rsplit("\n\n", 1)
        assert code_ == question.answered.code.strip()
        assert judged == f"exercises.{one}().judge(answer)"
        texts = [other.source for other in found.cells[: found.cells.index(cell)]]
        assert texts[-1].endswith(question.answered.text)
        assert any(f"exercises.{one}()" in text for text in texts), "it has been shown"


# --- lecturers -----------------------------------------------------------------------------------


def notes(notebook):
    return [c for c in notebook.cells if c.metadata["slideshow"]["slide_type"] == "notes"]


@sources
def test_a_lecturer_has_the_steps_of_the_guide_and_the_wrong_answers_as_notes(name):
    found = editions.edition(SOURCES[name], "instructor")
    told = [cell.source for cell in notes(found)]
    for question in asked(name):
        assert f"exercises.{question}().wrong_answers()" in told
    steps_here = [title for title, text in test_guide.STEPS.items() if f"/{name}.ipynb" in text]
    said = [text for text in told if text.startswith("**From the guide: ")]
    assert sorted(re.findall(r"guide: (.*?)\*\*", text)[0] for text in said) == sorted(steps_here)
    for title in steps_here:
        (text,) = (one for one in said if f": {title}**" in one)
        assert test_guide.part(title, "Ask") in " ".join(text.split())
        assert "../" not in text, "all notebooks are in one folder"


def test_the_minutes_of_a_step_are_those_of_the_guide():
    sections = {**test_guide.sections(2), **test_guide.sections(3)}
    for step in steps():
        assert {*step.minutes} == {
            (path, length)
            for path, text in sections.items()
            for _, length, title, _ in test_guide.rows(text.split("### ")[0])
            if title == step.title
        }
    assert [step.title for step in steps()] == [*test_guide.STEPS]


def test_a_step_stands_below_the_lab_that_it_opens():
    found = editions.edition(SOURCES["05-recovery"], "instructor").cells
    places = [k for k, cell in enumerate(found) if cell.id.startswith("guide-")]
    (lab,) = (k for k, cell in enumerate(found) if cell.source.endswith("\nlab"))
    assert places == [lab + 1, lab + 2]


def test_a_notebook_without_a_name_has_no_steps_and_says_so():
    with pytest.raises(ValueError, match=r"take it from `editions\.sources`"):
        editions.instructor(nbformat.v4.new_notebook())


@pytest.mark.parametrize("name", SHORT)
def test_slides_are_a_heading_and_what_is_shown(name):
    check_slides(name)


def check_slides(name):
    """No slide is empty, none shows code, and each section that shows something is one."""
    found = editions.edition(SOURCES[name], "instructor")
    page, _ = SlidesExporter().from_notebook_node(found)
    page = re.sub(
        r'<aside class="notes">.*?</aside>', "", page.split('class="slides"')[1], flags=re.S
    )
    stacks = page.split("<section><section>")[1:]
    assert len(stacks) > 1
    for number, stack in enumerate(stacks):
        assert len(re.findall(r"<h[12]\b", stack)) == 1
        for slide in stack.split("<section>"):
            assert not number or re.search(r"<img|<table|jp-RenderedMarkdown", slide)
    assert 'class="highlight' not in page, "no code"


# --- languages -----------------------------------------------------------------------------------


@sources
@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_in_another_language_the_texts_are_others_and_the_code_is_the_same(name, edition):
    english, found = (editions.edition(SOURCES[name], edition, to) for to in ("en", "zh"))
    (first, *rest), (in_english, *others) = code(found), code(english)
    line = 'import condensekit\n\ncondensekit.set_language("zh")\n\n'
    assert first.source == line + in_english.source, "the cell that readers are told to run"
    assert [cell.source for cell in rest] == [cell.source for cell in others]
    assert len(found.cells) == len(english.cells)
    assert not any(cell.outputs for cell in code(found)), "in another language"
    texts = [cell for cell in found.cells if cell.cell_type == "markdown"]
    assert all(re.search("[\u4e00-\u9fff]", cell.source) for cell in texts)


@sources
def test_slides_in_another_language_are_the_same(name):
    english, found = (editions.edition(SOURCES[name], "instructor", to) for to in ("en", "zh"))
    kinds = [[cell.metadata["slideshow"] for cell in one.cells] for one in (english, found)]
    assert kinds[0] == kinds[1]
    assert {"slide_type": "-"} in kinds[1]


@pytest.mark.parametrize("language", ["xx", "", "chinese"])
def test_a_language_that_there_is_not_is_refused(language, tmp_path):
    with pytest.raises(ValueError, match="language must be one of 'en', 'zh', but is"):
        editions.hand_out(tmp_path / "new", "student", language)
    assert not [*tmp_path.iterdir()]


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_what_is_there_is_never_overwritten(edition, tmp_path):
    names = (*(f"{name}.ipynb" for name in SOURCES), "glossary.md")
    assert editions.hand_out(tmp_path / "mine", edition) == editions.Handed(names, ())
    mine = tmp_path / "mine" / names[3]
    mine.write_text("my own notes")
    (tmp_path / "mine" / names[5]).unlink()
    assert editions.hand_out(tmp_path / "mine", edition) == editions.Handed(
        (names[5],), (names[3],)
    )
    assert mine.read_text() == "my own notes"
    for name in {*SOURCES} - {"03-cnn-mnist"}:
        path = tmp_path / "mine" / f"{name}.ipynb"
        assert "../docs" not in path.read_text(), "nothing lies outside of the folder"
        found = editions.edition(SOURCES[name], edition)
        for cell in found.cells:
            cell.source = cell.source.replace("../docs/glossary.md", "glossary.md")
        assert nbformat.read(path, as_version=4) == found


def test_each_edition_has_a_folder_of_its_own():
    assert [*cli._FOLDERS] == [*editions.EDITIONS]
    assert len({*cli._FOLDERS.values()}) == len(editions.EDITIONS)


# --- they run ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("name", "edition"), sparsely(RUN, 2))
def test_it_runs_in_a_fresh_kernel(name, edition, tmp_path):
    check_run(name, edition, tmp_path)


def check_run(name, edition, folder):
    """All cells run, solutions are correct, and a student's answers are not there."""
    notebook = editions.edition(SOURCES[name], edition)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, store_widget_state=False, timeout=600, resources=place).execute()
    for one, cell in solved(notebook).items():
        (out,) = (out for out in cell.outputs if out.output_type == "execute_result")
        assert "<b>✓ Correct.</b>" in out.data["text/html"], one
    assert not (folder / exercises.keeping.PROGRESS).exists(), "nobody has answered"
    if "grade(answers)" in "".join(cell.source for cell in code(notebook)):
        told = "".join(out.text for cell in code(notebook) for out in cell.outputs if "text" in out)
        assert told.count("not attempted") == len(asked(name))
