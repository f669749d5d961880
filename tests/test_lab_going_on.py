"""*Go on* in a lab: after Stop, and after the steps are used up."""

import numpy as np
import pytest
import torch
from waiting import until

import condensekit as ck
from condensekit.labs import (
    AttentionLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    PhaseLab,
    RankLab,
    RecoveryLab,
    SymmetryLab,
)

FEW = {"width": 6, "n_samples": 8}
SHORT = {
    "recovery": lambda: RecoveryLab(**FEW, steps=20),
    "flow": lambda: RecoveryLab(**FEW, max_steps=15),
    "condensation": lambda: CondensationLab(**FEW, steps=20),
    "factorization": lambda: FactorizationLab(steps=20),
    "kernels": lambda: KernelLab(width=2, n_samples=10, steps=3),
    "heads": lambda: AttentionLab(heads=2, n_samples=8, steps=10),
}
LABS = pytest.mark.parametrize("open_lab", SHORT.values(), ids=SHORT)


def offered(lab):
    return lab.pause_button.description == "Go on" and not lab.pause_button.disabled


def same(run, other):
    assert (run.experiment, run.outcome) == (other.experiment, other.outcome)
    np.testing.assert_equal(run.step, other.step)
    np.testing.assert_equal(run.loss, other.loss)
    assert all(torch.equal(run.params[name], other.params[name]) for name in run.params)


class Stopping:
    """A job of a lab, whose Stop button is pressed after its first piece."""

    def __init__(self, lab, job):
        self.lab, self.job, self.seconds = lab, job, 0.0

    def work(self, until=np.inf):
        for count, piece in enumerate(self.job.work(until)):
            yield piece
            if count == 1:
                self.lab.stop(wait=False)

    def shown(self, ended):
        return self.job.shown(ended)


@LABS
def test_after_its_steps_are_used_up_it_goes_on_with_twice_as_many(open_lab):
    lab = open_lab()
    assert not offered(lab)
    lab.run(live=False)
    before = lab.runs()
    assert before[0].outcome is ck.Outcome.BUDGET
    most = lab.result.experiment.optimizer.most_steps
    assert offered(lab)
    for twice in (2 * most, 4 * most):
        lab.pause()
        until(lambda: lab.player.join(0.1), "end of the training")
        assert lab.result.experiment.optimizer.most_steps == twice
        assert lab.entered()[0] == lab.result.experiment
        for run, whole in zip(
            lab.runs(), ck.train([r.experiment for r in lab.runs()]), strict=True
        ):
            same(run, whole)
        assert len(lab.runs()) == len(before)
        assert lab.last is None  # it would be drawn beside itself


@LABS
def test_after_stop_it_goes_on_where_it_was(open_lab):
    lab = open_lab()
    whole = ck.train([*lab.subject.what(lab.shown)])
    lab.work(Stopping(lab, lab.subject.job(lab.described(lab.entered()), lab.shown)), False, "")
    assert lab.result.outcome is ck.Outcome.CANCELLED
    assert offered(lab)
    lab.go_on(live=False)
    same(lab.result, whole[0])


def test_a_symmetric_pair_goes_on_after_stop_and_ends_where_it_ends():
    lab = SymmetryLab(optimizer="Adam", width=4)
    lab.run(live=False)
    whole, most = lab.result.off.run, len(lab.result.off.run)
    assert not offered(lab)  # its number of steps is fixed
    lab.work(Stopping(lab, lab.subject.job(lab.entered(), lab.shown)), False, "")
    assert lab.result.off.run.outcome is ck.Outcome.CANCELLED
    assert 1 < len(lab.result.off.run) < most
    lab.go_on(live=False)
    same(lab.result.off.run, whole)


def test_other_settings_take_the_offer_back_and_the_same_bring_it_again():
    lab = RecoveryLab(**FEW, steps=20)
    lab.run(live=False)
    lab.width = 7
    assert not offered(lab)
    with pytest.raises(ValueError, match="nothing to go on with"):
        lab.go_on()
    lab.width = 6
    assert offered(lab)
    lab.width = 7
    lab.run(live=False)
    lab.width = 6
    assert not offered(lab)  # another training came between
    lab.reset()
    assert not offered(lab)


def test_the_twin_that_is_unticked_waits_and_the_shown_one_goes_on():
    lab = CondensationLab(**FEW, steps=20)
    lab.compare.value = False
    lab.run(live=False)
    lab.go_on(live=False)
    assert len(lab.runs()) == 1 and lab.result.step[-1] == 40
    lab.compare.value = True
    assert [run.experiment.optimizer.steps for run in lab.runs()] == [40, 40]


def test_a_schedule_over_all_steps_has_no_more():
    lab = RecoveryLab(**FEW, optimizer=ck.AdamW(steps=20))
    lab.run(live=False)
    assert lab.result.outcome is ck.Outcome.BUDGET
    assert not offered(lab)
    with pytest.raises(ValueError, match="not with AdamW"):
        lab.go_on()


def test_a_flow_at_its_end_is_at_its_end():
    lab = RecoveryLab(**FEW, t_end=0.5)
    lab.run(live=False)
    assert lab.result.time[-1] == 0.5
    assert not offered(lab)


def test_what_was_recorded_or_loaded_is_not_gone_on_with(tmp_path):
    run = ck.train(RecoveryLab(**FEW, steps=20).entered()[0])
    ck.Runs([run]).save(tmp_path / "run.pt")
    assert not offered(RecoveryLab(run))
    assert not offered(RecoveryLab(ck.Runs.load(tmp_path / "run.pt")[0]))
    assert not offered(RecoveryLab())


def test_a_token_of_what_went_on_restores_it():
    lab = RecoveryLab(**FEW, steps=20)
    lab.run(live=False)
    lab.go_on(live=False)
    again = RecoveryLab.from_state(lab.state())
    same(again.result, lab.result)
    assert offered(again)
    again.go_on(live=False)
    assert again.result.step[-1] == 80


def test_it_takes_the_time_of_both_parts_and_says_what_is_left():
    lab = RecoveryLab(**FEW, steps=2_000)
    lab.run(live=False)
    seconds = lab.job.seconds
    lab.go_on(live=False)
    assert lab.job.seconds > seconds > 0.0
    what = lab.subject.what(lab.shown)
    assert "about 0.0 s" in lab.subject.plan(what)  # all is done


def test_a_recorded_run_that_is_trained_again_has_all_its_steps_left():
    lab = CondensationLab()
    what = lab.described(lab.entered())
    planned = lab.subject.plan(what)
    job = lab.subject.job(what, lab.shown)
    assert len(job.shown(ended=False).runs[0]) > 1  # the recorded one is on screen till it begins
    assert job.left() == 1.0
    assert lab.subject.plan(what) == planned


@pytest.mark.parametrize("open_lab", [PhaseLab, RankLab])
def test_labs_without_a_run_offer_nothing(open_lab):
    lab = open_lab()
    assert not offered(lab)
    with pytest.raises(ValueError, match="nothing to go on with"):
        lab.go_on()
