"""What a line asks a page to present; the page itself is in tests/browser."""

import re

import pytest

from condensekit.labs import RankLab, RecoveryLab


def asked(lab):
    return re.search('data-asked="([0-9 ]*)"', lab.present_button.value)[1]


def test_each_call_asks_anew_for_the_pictures_that_it_names():
    lab = RecoveryLab(width=5)
    assert [*lab.views] == ["fit", "neurons", "loss", "similarity"]
    assert asked(lab) == "0"
    for names, found in (((), "1"), (("loss",), "2 2"), (("similarity", "fit"), "3 3 0")):
        lab.present(*names)
        assert asked(lab) == found
    lab.close()


def test_pictures_that_are_not_shown_do_not_count():
    lab = RecoveryLab(width=5, show=["loss", "neurons"])
    lab.present("loss")
    assert asked(lab) == "1 1"
    with pytest.raises(ValueError, match=r"at most 3 of neurons, loss, but are \('fit',\)"):
        lab.present("fit")
    assert asked(lab) == "1 1"
    lab.close()


@pytest.mark.parametrize("names", [("Spectrum",), ("spectrum",) * 4, (1,)])
def test_bad_names_are_refused(names):
    lab = RankLab(k=2)
    with pytest.raises(ValueError, match=r"pictures must be at most 3 of spectrum, "):
        lab.present(*names)
    lab.close()
