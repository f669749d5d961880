"""Every public function and every argument of it, with every kind of value in its place."""

import numpy as np
import pytest
from bad_values import EITHER, REFUSED, kinds, nothing_changes, told
from test_arguments import EXACT, FUNCTIONS, SAID, UNBOUNDED, call, taken

import condensekit as ck

LONG = {"confirm", "connect", "displacements", "transpose_example"}
"""They take a second or wait for a network, and are asked in `tests/slow`."""
WRITES = {"hand_out", "keep_progress", "report", "sweep"}
"""They write where a path says: texts that are a path are asked elsewhere."""
ALSO = "The derivatives of", "x must have shape", "This is a token of"
"""How a sentence may begin that does not say the name of the argument."""
ANY_TEXT = {"values", "state", "lab", "what", "name"}
"""Arguments that may be any text, or hold some."""


def sentence(error, argument, value):
    """A full sentence that names the argument, and what is wrong with it."""
    text = str(error)
    if isinstance(error, OSError):  # of the system, which names the file
        assert text.startswith("[Errno ") and text.endswith(repr(value)), text[:200]
        return
    assert len(text) >= 15, text
    assert text[0].isalnum() or text[0] in "'\"", text
    assert text.rstrip()[-1] in ".)!?'", text
    assert (
        argument in text.lower() or text.startswith((*SAID, *ALSO)) or repr(value)[:30] in text
    ), text
    assert len(text) < 1_000, text[:200]


def outcome(function, given):
    """What is seen of a result; a ValueError or TypeError as it is."""
    try:
        return told(call(function, given))
    except (ValueError, TypeError, OSError) as error:
        return error


def tried(name):
    """Call a function with every kind of value for every argument; how often that was."""
    function, count, clean = FUNCTIONS[name], 0, {}
    known, found, needed = taken(name)
    for argument in found:
        if argument not in known or (name, argument) == ("params", "params"):
            continue
        good = known[argument]
        for kind, one in kinds(good).items():
            if isinstance(good, str) and name in WRITES:
                continue
            with nothing_changes(one.value):
                got = outcome(function, needed | {argument: one.value})
            count += 1
            where = f"{name}, {argument}: {kind}"
            if one.clean is REFUSED and not isinstance(got, Exception):
                fine = argument in ANY_TEXT or (name, argument) in UNBOUNDED or name in EXACT
                assert fine, f"{where} is taken"
            elif one.clean is REFUSED or one.clean is EITHER:
                if isinstance(got, Exception):
                    sentence(got, argument, one.value)
            else:
                key = (argument, kind) if one.clean is not good else argument
                if key not in clean:
                    clean[key] = outcome(function, needed | {argument: one.clean})
                assert seen(got) == seen(clean[key]), where
    return count


def seen(found):
    """What is compared: of a refusal its words."""
    return str(found) if isinstance(found, Exception) else found


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in LONG])
def test_every_kind_of_value_is_refused_in_a_sentence_or_taken_as_it_is(
    name, tmp_path, monkeypatch, record_property
):
    monkeypatch.chdir(tmp_path)
    record_property("reliability: bad inputs", tried(name))


@pytest.mark.parametrize(
    "given",
    [
        np.ma.masked_array([0.1, 0.2], [False, True]),
        [0.1, np.timedelta64(1, "s")],
        np.array([[0.1], [0.2]]),
        [0.1, 0.2j],
    ],
    ids=["masked", "a span of time", "rows", "complex"],
)
def test_an_axis_of_a_sweep_drops_nothing(given):
    base = ck.Experiment(ck.TwoLayer(1, 2), ck.three_tanh(1), ck.Adam(steps=2), 3)
    with pytest.raises(ValueError, match="noise_std must be a number from 0 to 10, but is"):
        ck.sweep(base, noise_std=given)
