"""Replays without a browser: what is recorded, what is refused, and the command."""

import base64
import gzip
import json
import re
from xml.etree import ElementTree as ET

import ipywidgets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import condensekit.replays.lab as replays
from condensekit.cli import main
from condensekit.labs import FactorizationLab, PhaseLab, RankLab, RecoveryLab
from condensekit.replays.formulas import with_mathml
from condensekit.replays.page import packed
from condensekit.replays.recording import Recording

FEW = {"width": 4, "n_samples": 6, "steps": 12}


def trained():
    lab = RecoveryLab(**FEW)
    lab.run(live=False)
    return lab


def unpacked(text):
    """Header and bytes of a page."""
    content = re.search(r'id="recording">([^<]+)<', text)[1]
    raw = gzip.decompress(base64.b64decode(content))
    length = int.from_bytes(raw[:4], "little")
    return json.loads(raw[4 : 4 + length]), raw[4 + length :]


def played(data, moment):
    """The states of all widgets at a moment, as the page has them."""
    state = {model: dict(traits) for model, traits in data["models"].items()}
    for model, traits in data["tracks"].items():
        for name, values in traits.items():
            state[model][name] = [value for at, value in values if at <= moment][-1]
    return state


def seen(state):
    """All values in a state, but for what has the name of a lab in it."""
    values = [str(traits.get("value")) for traits in state.values()]
    return sorted(value for value in values if "condensekit-" not in value)


@settings(max_examples=30)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=12),
    st.data(),
)
def test_every_moment_comes_back_and_of_fewer_moments_those_that_were_kept(moments, data):
    boxes = [ipywidgets.IntText() for _ in range(3)]
    root = ipywidgets.VBox(boxes)
    recording = Recording(root)
    for values in moments:
        for box, value in zip(boxes, values, strict=True):
            box.value = value
        recording.take()
    recording.end()
    boxes[0].value = 99  # nobody watches any more
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(moments))), min_size=1)) | {0})
    found, _ = recording.data(kept)
    for moment in kept:
        state = played(found, moment)
        assert [state[box.model_id]["value"] for box in boxes] == moments[moment]


def test_widgets_that_come_later_are_met_and_those_that_went_stay_known():
    root = ipywidgets.VBox([first := ipywidgets.Label("first")])
    recording = Recording(root)
    recording.take()
    names = [first.model_id]
    for text in ("second", "third"):
        before, label = root.children[0], ipywidgets.Label(text)
        names.append(label.model_id)
        root.children = [label]
        before.close()
        recording.take()
    found, _ = recording.data(range(3))
    for moment, text in enumerate(("first", "second", "third")):
        state = played(found, moment)
        assert state[root.model_id]["children"] == [f"IPY_MODEL_{names[moment]}"]
        assert state[names[moment]]["value"] == text


def test_arrays_are_in_single_precision_where_a_picture_cannot_tell():
    from bqplot import LinearScale, Lines

    scales = {"x": LinearScale(), "y": LinearScale()}
    many, tiny = np.linspace(0.1, 0.9, 100), np.full(100, 1e-60)
    few = np.array([np.pi, 1.0])
    for values, kind in ((many, np.float32), (tiny, np.float64), (few, np.float64)):
        line = Lines(x=np.arange(len(values)), y=values, scales=scales)
        recording = Recording(line)
        recording.take()
        found, body = recording.data([0])
        told = found["models"][line.model_id]["y"]
        first, length = told["value"]["_blob"]
        np.testing.assert_array_equal(
            np.frombuffer(body[first : first + length], kind), values.astype(kind)
        )
        assert told["dtype"] == np.dtype(kind).name


def test_a_page_holds_the_run_and_its_own_lab_does_not_move(tmp_path):
    lab = trained()
    lab.go_to(3)

    def on_screen():
        shown = lab.verdict.value, lab.timeline.slider.value, lab.status.value
        return *shown, lab.folds.selected_index

    before = on_screen()
    lab.replay(tmp_path / "page.html", link="https://example.org/?a=1&b=<2>")
    assert on_screen() == before
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'href="https://example.org/?a=1&amp;b=&lt;2&gt;"' in text
    data, _ = unpacked(text)
    (run,) = data["runs"]
    assert run["length"] == len(lab.result)
    for index, step in enumerate(lab.result.step.tolist()):
        lab.go_to(step)
        state = played(data, run["first"] + index)
        values = [traits.get("value") for traits in state.values()]
        assert lab.verdict.value in values
        assert lab.timeline.moment.value in values
        assert state[data["slider"]]["value"] == index
        assert any(f"run.index_at({step})" in str(value) for value in values)


def test_what_needs_python_is_grey_and_what_does_not_is_not(tmp_path):
    lab = trained()
    lab.replay(tmp_path / "page.html", width=[3, 4])
    data, _ = unpacked((tmp_path / "page.html").read_text(encoding="utf-8"))
    able = {model for model, traits in data["models"].items() if traits.get("disabled") is False}
    named = {traits.get("description") for model, traits in data["models"].items() if model in able}
    assert {"Play", "◀ event", "event ▶", "step", "width m", "What happened"} <= named
    assert not {"Run", "Stop", "Reset", "Restore", "samples n", "variance σ²"} & named
    assert [run["at"] for run in data["runs"]] == [{"width": 3}, {"width": 4}]
    assert data["shown"] == 1


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ({"depth": [1]}, "There is no control 'depth'"),
        ({"width": 3}, "width must be a list of values"),
        ({"width": []}, "width must be a list of values"),
        ({"width": [0]}, "must be"),
        ({"width": ["wide"]}, "must be"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(tmp_path, recorded, words):
    with pytest.raises(ValueError, match=words):
        trained().replay(tmp_path / "page.html", **recorded)
    assert [*tmp_path.iterdir()] == []


def test_a_lab_without_a_run_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match=r"There is no run .* press Run"):
        RecoveryLab(**FEW).replay(tmp_path / "page.html")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_a_path_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(OSError):
        trained().replay(tmp_path)
    with pytest.raises(OSError):
        trained().replay(tmp_path / "no" / "folder.html")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_a_page_that_is_too_large_has_fewer_moments_and_says_so(tmp_path, monkeypatch):
    lab = FactorizationLab()
    lab.replay(tmp_path / "whole.html")
    whole = (tmp_path / "whole.html").read_text(encoding="utf-8")
    monkeypatch.setattr(replays, "LARGEST_PAGE", len(whole) - 1_000)
    lab.replay(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert len(text) <= len(whole) - 1_000
    assert re.search(r"one of \d+ recorded steps, and all events", text)
    assert "recorded steps, and all events" not in whole
    data, _ = unpacked(text)
    entire, _ = unpacked(whole)
    (run,) = data["runs"]
    for index in [0, *run["events"], run["length"] - 1]:
        assert seen(played(data, index)) == seen(played(entire, index))
    monkeypatch.setattr(replays, "LARGEST_PAGE", 1_000)
    with pytest.raises(ValueError, match=r"takes 1\.\d MB, even of ends and events alone"):
        lab.replay(tmp_path / "none.html")
    monkeypatch.setattr(replays, "LARGEST_RECORDING", 1_000)
    with pytest.raises(ValueError, match=r"recorded steps take \d+ MB"):
        trained().replay(tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_what_the_readers_lab_can_do_it_can_do_afterwards(tmp_path):
    lab = trained()
    lab.replay(tmp_path / "page.html", width=np.array([3, 4, 4]))
    data, _ = unpacked((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert [run["at"] for run in data["runs"]] == [{"width": 3}, {"width": 4}]
    lab.go_on(live=False)  # what was recorded was trained elsewhere
    assert lab.result.step[-1] == 24


def test_a_lab_at_work_is_not_recorded(tmp_path):
    lab = RecoveryLab(width=4, n_samples=6, steps=10_000_000)
    lab.run()
    with pytest.raises(ValueError, match="at work"):
        lab.replay(tmp_path / "page.html")
    lab.stop()
    assert [*tmp_path.iterdir()] == []


def test_an_address_is_no_part_of_the_page(tmp_path):
    lab = trained()
    lab.replay(tmp_path / "page.html", link="https://example.org/LIBRARIES/SCRIPT/TITLE")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'href="https://example.org/LIBRARIES/SCRIPT/TITLE"' in text


@pytest.mark.slow
@pytest.mark.parametrize("open_lab", [RankLab, PhaseLab])
def test_labs_without_a_clock_are_one_moment(tmp_path, open_lab):
    open_lab().replay(tmp_path / "page.html")
    data, _ = unpacked((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert [run["length"] for run in data["runs"]] == [1]
    assert "slider" not in data
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "<p>A recording. All else needs Python" in text


def test_the_same_lab_makes_a_page_of_the_same_size(tmp_path):
    body = packed({"a": 1}, b"12345678")
    assert body == packed({"a": 1}, b"12345678"), "no clock in it"


@pytest.mark.slow
def test_the_command_trains_records_and_writes(tmp_path, capsys):
    path = tmp_path / "page.html"
    sets = ["--set", "width=4", "--set", "n-samples=6", "--set", "steps=12"]
    assert main(["replay", "RecoveryLab", str(path), *sets, "--record", "width=3,4"]) == 0
    data, _ = unpacked(path.read_text(encoding="utf-8"))
    assert [run["at"] for run in data["runs"]] == [{"width": 3}, {"width": 4}]
    assert "open it in a browser" in capsys.readouterr().out
    lab = trained()
    token = ["--token", lab.state(), "--libraries", "scripts"]
    assert main(["replay", "RecoveryLab", str(path), *token]) == 0
    assert (tmp_path / "scripts" / "bqplot.js").is_file()
    data, _ = unpacked(path.read_text(encoding="utf-8"))
    assert data["runs"][0]["length"] == len(lab.result)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "depth=3"], "depth"),
        (["--set", "width"], "NAME=VALUE"),
        (["--record", "width=a,b"], "width"),
        (["--token", "nonsense"], "token"),
        (["--token", "x", "--set", "width=3"], "not both"),
    ],
)
def test_the_command_refuses_in_one_line(tmp_path, capsys, arguments, words):
    path = tmp_path / "page.html"
    assert main(["replay", "RecoveryLab", str(path), *arguments]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("condensekit: ") and words in said
    assert not path.exists()
    assert main(["replay", "NoLab", str(path)]) == 2
    assert "there are AttentionLab, CondensationLab, " in capsys.readouterr().err
    assert main(["replay", "FactorizationLab", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.slow
def test_pages_that_share_their_scripts_hold_the_same_recording(tmp_path):
    lab = FactorizationLab()
    whole, page = tmp_path / "whole.html", tmp_path / "page.html"
    lab.replay(whole)
    lab.replay(page, libraries="shared scripts")
    text = page.read_text(encoding="utf-8")
    assert len(text) < 200_000 < len(whole.read_text(encoding="utf-8"))
    ours, theirs = unpacked(text), unpacked(whole.read_text(encoding="utf-8"))
    assert seen(played(ours[0], 5)) == seen(played(theirs[0], 5))
    found = re.findall(r'id="([^"]+)" data-at="shared%20scripts/(\S+)\?[0-9a-f]{8}"><', text)
    scripts = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("shared scripts/*")}
    names = ["require", "html-manager", "bqscales", "bqplot"]
    assert found == [(name, f"{name}.js") for name in names]
    assert scripts.keys() == {path for _, path in found}
    for name, path in found:  # the same as in the page that has them inside
        inside = re.search(f'id="{name}">([^<]+)<', whole.read_text(encoding="utf-8"))[1]
        beside = (tmp_path / "shared scripts" / path).read_bytes()
        assert gzip.decompress(base64.b64decode(inside)) == beside
    lab.replay(page, libraries="shared scripts")
    again = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("shared scripts/*")}
    assert again == scripts, "written once"


@pytest.mark.parametrize("libraries", ["", ".", "/", "/tmp", "..", "a/b", 3, True])
def test_scripts_are_in_a_folder_beside_the_page(tmp_path, libraries):
    with pytest.raises(ValueError, match="name of a folder beside the page, but is"):
        trained().replay(tmp_path / "page.html", libraries=libraries)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_cells_of_a_map_are_recorded_with_their_runs(tmp_path):
    lab = PhaseLab()
    before = lab.looks
    lab.replay(tmp_path / "page.html", column=[2, 5], row=[3])
    assert lab.looks == before
    assert lab.shown.opened is None
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    data, _ = unpacked(text)
    assert [run["at"] for run in data["runs"]] == [{"column": 2, "row": 3}, {"column": 5, "row": 3}]
    assert data["shown"] == 1  # where the lab opens
    assert "<i>samples n</i> snaps to what was recorded: 9, 18." in text
    assert "A click on the map goes to the nearest cell of these." in text
    for run, samples in zip(data["runs"], (9, 18), strict=True):
        told = " ".join(seen(played(data, run["first"])))
        assert f"Open: samples n = {samples}, variance σ² = 0.0001" in told
    (clicks,) = data["clicks"]
    assert clicks["controls"] == ["column", "row"]
    assert {data["models"][mark]["_model_name"] for mark in clicks["marks"]} == {
        "GridHeatMapModel",
        "LinesModel",
        "ScatterModel",
    }


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ({"column": [99]}, "column must be one of 0, 1, .*, but is 99"),
        ({"row": ["b"]}, "row must be one of 0, 1, .*, but is 'b'"),
        ({"grid": [3]}, "grid cannot be recorded"),
        ({"cell": [3]}, "no control 'cell' in this lab; there are grid, column, row, seed"),
    ],
)
def test_cells_that_there_are_not_are_refused(tmp_path, recorded, words):
    with pytest.raises(ValueError, match=words):
        PhaseLab().replay(tmp_path / "page.html", **recorded)
    assert [*tmp_path.iterdir()] == []


def test_the_handle_of_a_tolerance_does_not_move_in_a_page(tmp_path):
    RankLab().replay(tmp_path / "page.html")
    data, _ = unpacked((tmp_path / "page.html").read_text(encoding="utf-8"))
    movable = [
        traits["enable_move"] for traits in data["models"].values() if "enable_move" in traits
    ]
    assert movable and not any(movable)


@pytest.mark.parametrize("dressed", ["$%s$", r"\(%s\)", "$$%s$$", r"\[%s\]"])
@pytest.mark.parametrize(
    ("latex", "tags", "said"),
    [
        ("a", ["mi"], "a"),
        (r"\frac{1}{2}", ["mfrac"], "12"),
        (r"x &lt; y", ["mo"], "x<y"),
        (r"\begin{aligned}u &= 1 \\ v &= 2\end{aligned}", ["mtable", "mtr", "mtd"], "u=1v=2"),
    ],
)
def test_formulas_become_mathml(dressed, latex, tags, said):
    before, found, after = with_mathml(f"<p>A {dressed % latex} b.</p>").partition("<math")
    formula, _, after = after.partition("</math>")
    assert (before, after) == ("<p>A ", " b.</p>")
    shape = "block" if dressed.startswith(("$$", r"\[")) else "inline"
    root = ET.fromstring(f"{found}{formula}</math>")
    assert root.get("display") == shape
    names = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert names >= {*tags}
    assert "".join("".join(root.itertext()).split()) == said


@pytest.mark.parametrize("text", ["", "<p>no formula</p>", "5 $", "a \\ b"])
def test_texts_without_formulas_stay(text):
    assert with_mathml(text) == text


def test_a_formula_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"cannot be read: \$x\^\$"):
        with_mathml("so $x^$")


def test_formulas_of_a_fold_are_in_the_page_without_a_script(tmp_path):
    lab = RankLab(k=1)
    lab.replay(tmp_path / "page.html")
    data, _ = unpacked((tmp_path / "page.html").read_text(encoding="utf-8"))
    (fold,) = (
        traits["value"]
        for traits in data["models"].values()
        if traits["_model_name"] == "HTMLMathModel"
    )
    assert "$" not in fold and r"\frac" not in fold
    assert fold.count("<mtr>") == 2 + 9 + 6 + 1  # names, tangent functions, relations, the rank
