"""KernelLab without a browser: what opens, what trains, what is drawn, and what is said."""

import re
import struct
import zlib
from importlib import resources

import ipywidgets
import numpy as np
import pytest
from waiting import until

import condensekit as ck
from condensekit import pictures
from condensekit.labs import KernelLab
from condensekit.measures import blocks, first_direction
from condensekit.records import GROWING, KERNELS, default_start, recorded_run

TINY = {"width": 6, "n_samples": 30, "steps": 12, "stride": 4}


@pytest.fixture
def lab():
    lab = KernelLab(**TINY)
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def opened():
    return KernelLab()


def beside(lab):
    """The run from the default start that is drawn beside the run on screen, or None."""
    now = lab._moment(lab._index).beside
    return None if now is None else now.run


def counted(run):
    """Blocks at each recorded step."""
    model = run.experiment.model
    return np.array([len(blocks(model, run.at(i)).members) for i in range(len(run))])


def pressed(lab, text):
    """Press a button among the controls, by its text."""
    for row in lab.form.column:
        for one in getattr(row, "children", ()):
            if isinstance(one, ipywidgets.Button) and one.description == text:
                one.click()
                return
    raise LookupError(text)


def pixels(view):
    """Colours of the image of kernels [height, width, 3], decoded by what PNG says of itself."""
    data = bytes(view.image.value)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + content
        )
        chunks[kind], at = content, at + 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[rows[:, 1:]]


# --- the recorded runs -------------------------------------------------------------------------


def test_it_opens_on_a_recorded_run_that_shows_the_claim(opened):
    run = opened.result
    assert run.experiment == KERNELS
    assert run.outcome is ck.Outcome.BUDGET
    assert "A recorded run: 120 steps" in opened.status.value
    before, after = blocks(KERNELS.model, run.at(0)), blocks(KERNELS.model, run.final)
    assert before.share == 0.0
    assert after.share > 0.5
    other = beside(opened)
    assert other.experiment == default_start(KERNELS)
    assert blocks(KERNELS.model, other.final).share == 0.0
    scores = [one.score("test accuracy")[-1] for one in (run, other)]
    assert scores == pytest.approx([0.865, 0.865], abs=0.01)
    assert first_direction(KERNELS).agreement(KERNELS.model, run.final) > 0.9
    for said in (f"{100 * after.share:.0f} % of the pairs aligned", "Default start:", "0 % of"):
        assert said in opened.verdict.value


def test_what_ships_holds_kernels_alone_and_is_small():
    file = resources.files("condensekit.records") / "recorded" / "kernels.npz"
    assert len(file.read_bytes()) < 2_000_000
    assert [*recorded_run(KERNELS).params] == ["w", "b"]


def test_in_the_second_recorded_run_blocks_multiply():
    run = recorded_run(GROWING)
    counts = [len(blocks(GROWING.model, run.at(i)).members) for i in range(len(run))]
    assert counts[0] == 32
    assert min(counts) == 1
    first = counts.index(1)
    assert counts[-1] > 2
    score = run.score("test accuracy")
    assert score[-1] > score[first] + 0.5


def test_the_recorded_run_is_what_training_gives_today(opened):
    """Its first steps: all of them take seconds, and rounding grows on the way."""
    now = ck.train(KERNELS.replace(steps=6))
    then = opened.result
    np.testing.assert_array_equal(now.step, then.step[: len(now)])
    np.testing.assert_allclose(now.loss, then.loss[: len(now)], rtol=1e-5)
    kernels = then.params["w"][: len(now)]
    assert float((now.params["w"] - kernels).abs().max()) < 1e-3 * float(kernels.abs().max())


def test_the_preset_goes_to_the_growing_blocks_and_back(opened):
    pressed(opened, "Blocks grow")
    assert opened.result.experiment == GROWING
    assert opened.controls["pool"].text.value == "6"
    assert any(event.kind == "split" for event in opened.happened())
    pressed(opened, "One block")
    assert opened.result.experiment == KERNELS


# --- training ----------------------------------------------------------------------------------


def test_run_trains_both_networks_and_the_second_only_once(lab):
    assert "Not trained yet" in lab.status.value
    assert [e.model.fan_in for e in lab.described(lab.entered())] == [False, True]
    lab.run(live=False)
    assert "Trained 12 steps" in lab.status.value
    assert len(beside(lab)) == len(lab.result) == 13
    assert "Default start:" in lab.verdict.value
    assert lab.described(lab.entered()) == lab.entered()[:1], "the second is known now"
    lab.run(live=False)
    assert beside(lab).experiment == default_start(lab.result.experiment)
    lab.compare.value = False
    assert "Default start:" not in lab.verdict.value
    assert beside(lab) is None


@pytest.mark.parametrize("optimizer", ["Adam", "SGD", "AdamW"])
def test_optimizer_and_activation_are_chosen_for_both_networks(lab, optimizer):
    lab.put(optimizer=optimizer, activation="relu", steps=5)
    lab.run(live=False)
    for run in (lab.result, beside(lab)):
        assert type(run.experiment.optimizer).__name__ == optimizer
        assert run.experiment.model.activation == "relu"
        assert len(run) == 6


@pytest.mark.slow
def test_what_was_trained_is_kept_when_it_is_stopped():
    lab = KernelLab(width=8, n_samples=200, steps=4000)
    lab.compare.value = False
    lab.run()
    until(lambda: len(lab.result) >= 3, "third recorded step")
    lab.stop()
    assert lab.result.outcome is ck.Outcome.CANCELLED
    assert "Stopped at step" in lab.status.value
    kept = int(lab.result.step[-1])
    alone = ck.train(lab.result.experiment.replace(steps=kept))
    np.testing.assert_allclose(lab.result.loss[-1], alone.loss[-1], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("width", "0", "kernels m must be a whole number from 1 to 1,000, but is 0"),
        ("size", "29", "kernel size s must be a whole number from 1 to 28"),
        ("pool", "20", "pooling must be a whole number from 1 to 6"),
        ("layers", "3", "conv layers must be a whole number from 1 to 2, but is 3"),
        ("n_samples", "4001", "digits n must be a whole number from 1 to 4,000, but is 4001"),
        ("init_std", "-1", "variance σ² must be a number"),
        ("lr", "fast", "learning rate η must be a number"),
    ],
)
def test_wrong_entries_are_explained(lab, name, text, says):
    lab.controls[name].text.value = text
    assert "✖" in lab.status.value
    assert says in lab.status.value
    with pytest.raises(ValueError, match=says):
        lab.run(live=False)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="no knob 'depth'"):
        KernelLab(depth=2)
    with pytest.raises(ValueError, match="reads 784 coordinates"):
        KernelLab(problem=ck.three_tanh())
    other = ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh())
    said = "KernelLab shows a Conv that learns images of digits; CondensationLab .* can show this"
    with pytest.raises(ValueError, match=said):
        KernelLab(other)


@pytest.mark.parametrize("knobs", [{"layers": 2, "stride": 2}, {"hidden": 4}])
def test_other_architectures_train_and_say_that_there_is_no_theory(knobs):
    lab = KernelLab(**TINY | knobs)
    lab.run(live=False)
    assert "no theory for this network" in lab.views["tiles"].caption.value
    assert "theory" not in lab.verdict.value
    assert "Test accuracy" in lab.verdict.value


# --- what is drawn -----------------------------------------------------------------------------


def test_matrices_are_sorted_as_at_the_end_and_kernels_too(opened):
    run = opened.result
    order = blocks(KERNELS.model, run.final).order
    counts = counted(run)
    for index in (0, len(run) // 2, len(run) - 1):
        pair = pictures.kernel_pair(run, index)
        tiles = pictures.kernel_tiles(run, index)
        for drawn, at in zip(pair, (0, index), strict=True):
            w = run.at(at)["w"].double().numpy()[order]
            unit = w / np.linalg.norm(w, axis=1, keepdims=True)
            np.testing.assert_allclose(drawn.similarity, np.abs(unit @ unit.T), atol=1e-12)
        kernels = run.at(index)["w"].double().numpy()[order].reshape(-1, 5, 5)
        for tile, kernel in zip(tiles.tiles, kernels, strict=True):
            scaled = kernel / np.abs(kernel).max()
            assert np.allclose(tile, scaled) or np.allclose(tile, -scaled)
        np.testing.assert_array_equal(opened._moment(index).along["blocks"], counts)
        assert pictures.kernel_history(run, index, counts).count[index] == counts[index]
    assert (tiles.group[: (tiles.group == 0).sum()] == 0).all(), "the largest block comes first"


def test_curves_are_the_record(opened):
    run, other = opened.result, beside(opened)
    frame = pictures.kernel_learning(run, 10, other)
    (step, score), (_, loss), (other_step, others) = frame.curves
    np.testing.assert_array_equal(score, run.score("test accuracy"))
    np.testing.assert_allclose(loss * run.loss[0], run.loss)
    np.testing.assert_array_equal(others, other.score("test accuracy"))
    np.testing.assert_allclose(frame.axis.places(step)[1:], np.log10(run.step[1:]))
    assert len(other_step) == len(others)
    assert frame.axis.cursor == run.step[10]
    opened._show(10)
    assert opened.views["learning"].cursor.x[0] == pytest.approx(np.log10(run.step[10]))
    for line, curve in zip(opened.views["learning"].lines, (score, loss, others), strict=True):
        np.testing.assert_array_equal(line.y, curve)
        np.testing.assert_allclose(line.x[1:], np.log10(run.step[1:]))


def test_the_image_shows_signs_blocks_and_theory(opened):
    opened._show(len(opened.result) - 1)
    image = pixels(opened.views["tiles"]).astype(int)
    assert image.shape == (196, 338, 3)
    assert image[0, -10].tolist() == [0x00, 0x9E, 0x73], "theory is framed green"
    assert image[0, 5].tolist() == [0x00, 0x72, 0xB2], "the largest block is framed blue"
    assert (image == 255).all(axis=2).mean() > 0.1
    opened._show(0)
    assert not np.array_equal(pixels(opened.views["tiles"]), image)


@pytest.mark.parametrize("width", [1, 2, 65, 200])
def test_any_number_of_kernels_finds_room(width):
    lab = KernelLab(width=width, n_samples=10, steps=1, stride=6)
    assert pixels(lab.views["tiles"]).shape == (196, 338, 3)
    assert len(pictures.kernel_tiles(lab.result, 0).tiles) == min(width, 96)


# --- code and tokens ---------------------------------------------------------------------------


@pytest.mark.parametrize("knobs", [{}, {"layers": 2, "stride": 2, "hidden": 3, "pool": 2}])
def test_the_code_of_the_lab_gives_what_is_on_screen(knobs, capsys):
    lab = KernelLab(**TINY | knobs)
    lab.run(live=False)
    exec(lab.code(), {})
    found = blocks(lab.result.experiment.model, lab.result.final)
    assert capsys.readouterr().out.strip() == str(found)
    lab._show(8)
    exec(lab.torch_code(), {})
    printed = capsys.readouterr().out
    assert re.match(r"step \d+: training loss", printed.splitlines()[-1])
    loss = float(printed.rsplit(" ", 1)[1])
    assert loss == pytest.approx(lab.result.loss[8], rel=1e-5)


def test_the_code_starts_the_second_network_as_the_lab_does(lab):
    lab.run(live=False)
    names = {}
    exec(lab.code().rsplit("\n", 1)[0], names)
    (other,) = names["others"]
    assert other.experiment == beside(lab).experiment
    np.testing.assert_allclose(other.loss, beside(lab).loss, rtol=1e-6)


def test_a_token_brings_everything_back(lab):
    lab.run(live=False)
    lab._show(5)
    again = KernelLab.from_state(lab.state())
    assert again.result.experiment == lab.result.experiment
    assert again.verdict.value == lab.verdict.value
    lab.reset()
    assert lab.entered()[0] == KERNELS.replace(**TINY)


def test_kernels_that_align_in_a_network_that_learns_nothing_are_no_success():
    lab = KernelLab(**TINY | {"lr": 10.0, "steps": 40})
    lab.run(live=False)
    assert lab.result.loss[-1] > 2 * lab.result.loss[0]
    assert "nothing is learned here" in lab.verdict.value
    lab._show(0)
    assert "nothing is learned" not in lab.verdict.value


def test_one_kernel_is_compared_with_none():
    lab = KernelLab(**TINY | {"width": 1})
    lab.run(live=False)
    assert "1 kernel: there is no other" in lab.verdict.value
    assert "nan" not in lab.verdict.value


def test_kernels_of_one_entry_agree_with_theory_and_it_says_nothing():
    lab = KernelLab(**TINY | {"size": 1})
    lab.run(live=False)
    assert "can only differ in sign and length" in lab.verdict.value
    assert "theory" not in lab.verdict.value
    assert "nothing to compare" in lab.views["tiles"].caption.value
