"""SymmetryLab on units of attention: every model, kind of unit and set against its gradients."""

import dataclasses

import numpy as np
import pytest
from cases import each
from units import TABLE, UNITS, drawn, settings

from condensekit import pictures
from condensekit import symmetry as S  # noqa: N812  as in notebooks
from condensekit.labs import SymmetryLab
from condensekit.symmetry.families import FAMILIES
from condensekit.symmetry.settings import CANDIDATES

# --- theory, gradients, training ---------------------------------------------------------------


@each("where", UNITS)
def test_theory_is_what_gradients_say_of_each_set(where):
    """At random weights on it: all gradients along it, or one of a few across."""
    name, unit = where
    for candidate in CANDIDATES:
        expected = TABLE[unit].get(candidate)
        if expected is None:
            with pytest.raises(ValueError, match="is not a symmetry of"):
                settings(name, unit, candidate)
            continue
        found = settings(name, unit, candidate).set()
        x = FAMILIES[name].problem.data(5).x
        across = [S.tangency(found, drawn(found.model, seed), x) for seed in range(2)]
        assert found.tangent is expected, candidate
        assert (max(across) < 1e-9) is expected, (candidate, across)


@each("where", UNITS)
@pytest.mark.parametrize("optimizer", ["GradientDescent", "AdamW"])
def test_a_run_stays_on_a_set_or_leaves_it_as_theory_says(where, optimizer):
    name, unit = where
    chosen = [settings(name, unit, one, optimizer) for one in CANDIDATES if one in TABLE[unit]]
    one = chosen[0].experiment
    short = dataclasses.replace(one, optimizer=dataclasses.replace(one.optimizer, steps=20))
    sets = [found.set() for found in chosen]
    places = [found.place(drawn(one.model, 0)) for found in sets]
    for found, now in zip(chosen, S.drifts(short, sets, places), strict=True):
        assert now.claim.invariant is now.stayed, (found.candidate, now.largest)
        if now.claim.invariant:
            assert now.largest < 1e-9, found.candidate
        else:
            assert now.largest > 1e-7, found.candidate


@each("where", UNITS)
def test_every_unit_is_drawn_and_its_token_and_its_code_make_it_again(where, capsys):
    name, unit = where
    lab = SymmetryLab(model=name, layer=unit, width=4, n_samples=3, optimizer="Adam")
    assert "activation" not in lab.table.write(lab.entered())
    assert lab.controls["activation"].layout.display == "none"
    short = dataclasses.replace(FAMILIES[name].optimizers["Adam"], steps=6)
    now = lab.entered()
    ran = S.escape(dataclasses.replace(now.experiment, optimizer=short), now.set(), now.kick)
    assert ran.on.stayed
    assert (ran.narrow is not None) is (unit == "heads")
    for picture in (pictures.distances, pictures.losses, pictures.eigenvalues):
        for x, y in picture(ran, len(ran.off.run) - 1).curves:
            assert x.shape[-1:] == y.shape[-1:] and np.isfinite(y).all()
    drawn_there = pictures.plane(ran, 0)
    layer = S.layer_of(now.experiment.model, now.layer - 1)
    assert (drawn_there.x_label, drawn_there.y_label) == layer.axes
    assert len(drawn_there.ways) == 4
    other = SymmetryLab.from_state(lab.state())
    assert other.entered() == now
    assert other.controls["layer"].value == unit
    spoken = {"S": S}
    exec(lab.code().rsplit("print", 1)[0], spoken)
    assert spoken["experiment"] == now.experiment
    assert spoken["candidate"].formula == now.set().formula
    assert np.array_equal(spoken["candidate"].space.head, now.set().space.head)
    for one in (lab, other):
        one.close()


def test_the_code_of_the_lab_prints_its_escape(capsys):
    lab = SymmetryLab(model="attention heads", width=2, n_samples=2, optimizer="Adam")
    lab.run(live=False)
    capsys.readouterr()
    exec(lab.code(), {})
    assert capsys.readouterr().out.strip() == str(lab.result)
    lab.close()
