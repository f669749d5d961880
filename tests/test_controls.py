"""Controls: what a reader types is read as it was meant, or answered."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import condensekit as ck
from condensekit.knobs import Knob
from condensekit.labs import RecoveryLab
from condensekit.labs.controls import NumberControl

TYPED = {
    "1,500": 1500,
    "12,345,678": 12_345_678,
    "1,500.5": 1500.5,
    "0,01": 0.01,
    "-2,5": -2.5,
    "1,5": 1.5,
    "0,500": 0.5,
    " 7 ": 7,
    "1e-3": 1e-3,
}


@pytest.fixture(scope="module")
def lab():
    return RecoveryLab(width=6, n_samples=8, steps=20)


@pytest.mark.parametrize(("text", "number"), TYPED.items())
def test_commas_are_read_as_they_were_meant(text, number):
    control = NumberControl(Knob("noise_std", 0.5, -1e9, 1e9), "noise", (0.0, 1.0))
    control.text.value = text
    assert control.value == number


def test_whole_numbers_may_have_an_exponent():
    control = NumberControl(Knob("steps", 5, 1, 10_000_000, log=True), "steps", (1, 100_000))
    control.text.value = "1e5"
    assert control.value == 100_000
    assert isinstance(control.value, int)
    assert control.stops[control.slider.value] == 100_000


@given(
    st.text(max_size=12) | st.from_regex(r"[-+]?[0-9,.]{1,30}(e[-+]?[0-9]{1,4})?", fullmatch=True)
)
@example("9" * 400)
@example("1e400")
@example("-1e400")
@example("nan")
@example("1_0")
@example("1,2,3")
def test_any_entry_is_answered_and_mended(lab, text):
    """A red line, not a traceback; and the next entry counts."""
    for name in ("width", "init_std"):
        control = lab.controls[name]
        control.text.value = text
        try:
            lab.entered()
        except ValueError as error:
            assert "must be" in str(error) or "between" in str(error)  # noqa: PT017
        control.text.value = "10" if name == "width" else "0.01"
    assert lab.controls["width"].value == 10
    assert lab.entered()[0].values()["width"] == 10


@pytest.mark.parametrize("entry", ["0", "-1", "nan", "much"])
def test_the_learning_rate_of_the_epochs_is_checked(lab, entry):
    lab.controls["optimizer"].value = "GradientFlow"
    lab.controls["lr"].text.value = entry
    with pytest.raises(ValueError, match="learning rate η must be a number from"):
        lab.entered()
    lab.controls["lr"].text.value = "0.005"
    lab.entered()


def test_a_share_has_a_hundred_even_stops():
    control = NumberControl(ck.SGD.declared_knobs()["momentum"], "momentum", (0.0, 0.99))
    assert (control.stops[0], control.stops[-1], len(control.stops)) == (0.0, 0.99, 101)
    control.set(0.9)
    assert abs(control.stops[control.slider.value] - 0.9) < 0.006
