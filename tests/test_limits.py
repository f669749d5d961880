"""Code of a student under limits: whatever it does, the kernel lives and says what it was."""

import dataclasses
import os
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
import torch
from waiting import until

from condensekit import exercises
from condensekit.activations import ACTIVATIONS
from condensekit.exercises import (
    Code,
    Function,
    Grade,
    Made,
    Number,
    NumberRows,
    Observed,
    Unfit,
    Whole,
    limits,
)
from condensekit.exercises.limits import HERE, limited

FORKS = hasattr(os, "fork")


def _endless():
    while True:
        pass


def _stubborn():
    while True:
        try:
            while True:
                pass
        except BaseException:
            if time.monotonic() > _stubborn.until:
                raise


def _chatty():
    while True:
        print("still here")


def _quits():
    raise SystemExit(3)


def _deep():
    return _deep()


def _odd_error():
    class OddError(Exception):
        def __str__(self):
            raise ValueError("no text")

    raise OddError


@pytest.fixture(params=["apart", "here"])
def way(request, monkeypatch):
    """In another process, and where none can be started."""
    if request.param == "here":

        def refused(*_):
            raise OSError("no process can be started")

        monkeypatch.setattr(limits, "_apart", refused)
    elif not FORKS:
        pytest.skip("no fork")
    return request.param


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (_endless, "did not come to its end within 0.3 seconds."),
        (_chatty, "printed more than 200 characters."),
        (_quits, "raised SystemExit: 3. It was in line "),
        (_deep, "raised RecursionError: maximum recursion depth exceeded"),
        (_odd_error, "raised OddError. It was in line "),
        (lambda: {}[1], "raised KeyError: 1. It was in line "),
        (lambda: 2 + "2", "raised TypeError: unsupported operand"),
    ],
)
def test_what_goes_wrong_is_said_and_soon(code, fault, way):
    began = time.monotonic()
    ended = limited(code, seconds=0.3 if code is _endless else 3.0, printed=200)
    assert time.monotonic() - began < 5.0
    assert ended.value is None
    assert ended.fault.startswith(fault)
    assert ended.note == ("" if way == "apart" else HERE)
    assert len(ended.printed) <= 200
    assert not threading.active_count() > 20


def test_code_that_catches_everything_is_thrown_at_again(way):
    _stubborn.until = time.monotonic() + 0.5
    assert "did not come to its end" in limited(_stubborn, seconds=0.2).fault


def test_what_is_printed_and_returned_comes_back(way):
    def good():
        print("seen")
        return [1, 2.5, "three", None]

    ended = limited(good)
    assert (ended.value, ended.printed, ended.fault) == ([1, 2.5, "three", None], "seen\n", "")


@pytest.mark.skipif(not FORKS, reason="no fork")
@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (lambda: os._exit(5), "ended its process (exit code 5)."),
        (lambda: os.kill(os.getpid(), 9), "ended its process (SIGKILL)."),
        (lambda: time.sleep(60), "did not come to its end within 0.3 seconds."),
        (lambda: [os.write(1, b"x") for _ in iter(int, 1)], "did not come to its end"),
    ],
)
def test_another_process_ends_what_no_exception_can(code, fault, capfd):
    assert limited(code, seconds=0.3).fault.startswith(fault)
    assert capfd.readouterr().out == ""


@pytest.mark.skipif(not FORKS, reason="no fork")
def test_it_has_all_of_the_notebook_and_leaves_it_as_it_was():
    mine = {"count": 1}

    def counts():
        mine["count"] += 1
        weight = torch.ones(200, 200, requires_grad=True)
        (weight @ weight).sum().backward()
        return mine["count"] + float(weight.grad[0, 0])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts()  # the threads of autograd are there before it is copied
        assert limited(counts).value == 403.0
    assert mine == {"count": 2}


TRACED = """
import sys
from condensekit.exercises import limits

def refused(*_):
    raise OSError("no process can be started")

def look(*_):
    return look

limits._apart = refused
assert limits.limited(lambda: 7).value == 7
sys.settrace(look)
print(sum(k for k in range(4)))
"""


@pytest.mark.slow
def test_what_runs_after_it_in_a_debugger_comes_to_its_end():
    """Once code had run here, a traced loop never ended: Python looked for what was taken back."""
    command = [sys.executable, "-c", TRACED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "6\n"


def test_no_late_exception_follows_code_that_just_ended(way):
    for _ in range(30):
        limited(lambda: time.sleep(0.002), seconds=0.002)
    assert sum(range(1000)) == 499_500


# --- kinds that run it -------------------------------------------------------------------------

SQUARE = Function(("x",), ((1,), (2,), (3,)), Whole(), seconds=0.3)


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (lambda x: float("nan"), "For x = 1 your function gives nan, a float, where a whole"),
        (lambda x: "9", "For x = 1 your function gives '9', a str, where a whole"),
        (lambda x: 1 / (x - 2), "For x = 1 your function gives -1, which is not what"),
        (lambda x: _endless(), "Your function did not come to its end within 0.3 seconds."),
        (lambda x: x * x if x < 3 else {}[0], "For x = 3 your function raised KeyError"),
        (lambda x: 2 * x, "For x = 1 your function gives 2, which is not what theory gives. It is "
                          "right in 1 of 3 cases."),
    ],
)  # fmt: skip
def test_a_function_in_all_its_cases(function, fault, way):
    found = SQUARE.objection(SQUARE.read(function), lambda x: x * x)
    assert found.startswith(fault)


def test_a_function_is_kept_as_what_it_gave():
    results = SQUARE.read(lambda x: x + 1)
    assert results.values == (2, 3, 4)
    assert SQUARE.restored(SQUARE.kept(results)) == results
    for damaged in (None, 3, {}, {"name": "f", "values": [1]}, {"name": 1, "values": [1, 2, 3]}):
        with pytest.raises(ValueError, match="no function"):
            SQUARE.restored(damaged)


def _sign(function):
    given = function(3.0)
    if not isinstance(given, float):
        raise Unfit("Your function has to return a float.")
    return ("plus" if given > 0 else "minus"), f"It gives {given:g}."


SIGN = Made(Code(("x",), (1.0,), "a number"), _sign, seconds=0.3)


def test_what_is_made_is_judged_by_what_is_seen_of_it(way):
    right = SIGN.read(lambda x: x)
    assert right.word == "plus"
    assert SIGN.objection(SIGN.read(lambda x: 2 * x), right) == ""
    assert SIGN.objection(SIGN.read(lambda x: -x), right) == "It gives -3."
    for function, fault in (
        (lambda x: 1, "Your function has to return a float."),
        (lambda x: {}[0], "Your function raised KeyError"),
        (lambda x: _endless(), "Your function did not come to its end"),
    ):
        assert SIGN.objection(SIGN.read(function), right).startswith(fault)
    assert SIGN.restored(SIGN.kept(right)) == Observed(right.word, right.told, right.shown)
    with pytest.raises(ValueError, match="yours cannot take these"):
        SIGN.read(lambda: 1.0)


@pytest.mark.parametrize("make", [list, np.array, torch.tensor, tuple])
def test_rows_may_come_from_anywhere(make):
    assert NumberRows(("a", "w"), 2).read(make([[1, 2], [3.0, 4]])) == ((1.0, 2.0), (3.0, 4.0))


@pytest.mark.parametrize(
    "other", [[[1, 2]], [[1, 2], [3]], [["1", "2"], ["3", "4"]], [[1, np.nan], [1, 2]], "rows", 3]
)
def test_what_are_no_rows(other):
    with pytest.raises(ValueError, match=r"wants a list of 2 rows \(a, w\) of finite numbers, but"):
        NumberRows(("a", "w"), 2).read(other)


def test_a_number_that_a_function_returns_goes_there_and_back_exactly():
    kind = Function(("x",), ((3.0,), (7.0,)), Number(1.0 + 1e-12))
    assert kind.read(lambda x: 1 / x).values == (1 / 3.0, 1 / 7.0)


def test_nothing_is_thrown_after_the_end(monkeypatch):
    """Code that ends just when its time is over: whatever is thrown, it arrives inside."""
    monkeypatch.setattr(limits, "_apart", lambda *_: (_ for _ in ()).throw(OSError))
    said = [limited(lambda: sum(range(20_000)), seconds=0.0005 * (k % 5)) for k in range(200)]
    assert all(ended.fault == "" or "come to its end" in ended.fault for ended in said)
    until(lambda: threading.active_count() < 20, "end of what throws")


@pytest.mark.usefixtures("nothing_kept")
def test_a_question_says_what_is_wrong_with_a_function_and_goes_on(way):
    question = exercises.enough_samples()
    quick = dataclasses.replace(question, kind=dataclasses.replace(question.kind, seconds=0.3))
    for function, why in (
        (lambda m, k, d, bias: _endless(), "did not come to its end"),
        (lambda m, k, d, bias: _chatty(), "printed more than 2,000 characters"),
        (lambda m, k, d, bias: m / 0, "raised ZeroDivisionError"),
        (lambda m, k, d, bias: float("nan"), "gives nan, a float, where a whole number is wanted"),
        (lambda m, k, d, bias: "9", "gives '9', a str, where a whole number is wanted"),
    ):
        assert f"{why}" in quick.predict(function)
        verdict = quick.check(function, anyway=True)
        assert verdict.grade is Grade.INCORRECT
        assert why in verdict.message
        assert (HERE in verdict.message) is (way == "here")
    assert quick.predictions == ()
    assert quick.predict(lambda m, k, d, bias: k).startswith("Locked: ")
    assert quick.check(lambda m, k, d, bias: k * (d + 1 + bias), anyway=True).grade is Grade.CORRECT


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_kept")
def test_an_activation_of_a_student_is_known_to_nobody_afterwards(way):
    before = dict(ACTIVATIONS)
    assert exercises.odd_activation().check(torch.sin, anyway=True).grade is Grade.INCORRECT
    assert before == ACTIVATIONS, way
