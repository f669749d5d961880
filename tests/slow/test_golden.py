"""The same numbers in other processes, threads and batches, and on other instruction sets."""

import json
import threading

import numpy as np
import pytest
from site_tool import loaded

import condensekit as ck

golden = loaded("tools/golden_numbers.py")
KNOWN = json.loads(golden.FILE.read_text("utf-8"))
HERE = golden.available()
COUNTS = ("steps", "clusters", "rank", "rank of A B")
"""Of what can be counted, nothing may differ."""
DIGITS = {"descent, digits": 2e-5}
"""Relative; numbers of float32, of which sums over 50 pictures lose two digits."""
DIGITS_OF_DOUBLES = 1e-8
"""Relative: rounding grows on the way down a plateau."""
SAY = "import json, torch; print(json.dumps(torch.backends.cpu.get_cpu_capability().lower()))"

pytestmark = pytest.mark.skipif(not HERE, reason="no instruction set of x86 with golden numbers")


def differences(found, expected):
    """What is not the same to the stated digits, and how many numbers were compared."""
    assert found.keys() == expected.keys()
    wrong, compared = [], 0
    for name, numbers in expected.items():
        assert found[name].keys() == numbers.keys()
        near = DIGITS.get(name, DIGITS_OF_DOUBLES)
        for what, value in numbers.items():
            one, other = np.atleast_1d(found[name][what]), np.atleast_1d(value)
            compared += other.size
            exact = what in COUNTS or one.shape != other.shape
            if not (np.array_equal(one, other) if exact else np.allclose(one, other, near, 0.0)):
                wrong.append(f"{name}, {what}: {one} is not {other}")
    return wrong, compared


@pytest.fixture(scope="module")
def computed():
    """On each instruction set, in a process with two threads and another order of its sets."""
    more = {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7"}
    return {name: golden.computed(name, **more) for name in HERE}


def test_a_process_can_be_told_to_do_with_less(record_property):
    limited = [golden.limited(name, "-c", SAY) for name in HERE]
    assert limited == [*HERE]
    record_property("reliability: instruction sets of this processor", len(HERE))


def test_golden_numbers_are_found_again_on_each_instruction_set(computed, record_property):
    compared = 0
    for name, found in computed.items():
        wrong, count = differences(found, KNOWN[name])
        assert wrong == [], name
        compared += count
    record_property("reliability: golden numbers compared", compared)


def test_instruction_sets_differ_in_the_last_digits_alone():
    for one in golden.SETS[1:]:
        wrong, _ = differences(KNOWN[one], KNOWN[golden.SETS[0]])
        assert wrong == [], one


def test_a_wrong_digit_is_seen():
    found = json.loads(json.dumps(KNOWN["default"]))
    found["descent, tanh"]["loss"] *= 1.0 + 1e-7
    found["flow, tanh"]["escapes"].append(1.0)
    found["flow, matrix"]["rank of A B"] += 1
    wrong, _ = differences(found, KNOWN["default"])
    assert [text.split(":")[0] for text in wrong] == [
        "descent, tanh, loss",
        "flow, tanh, escapes",
        "flow, matrix, rank of A B",
    ]


def test_threads_and_companions_change_nothing(record_property):
    """All at once, each between two others of its shape, by a thread that is not the first."""
    known, every, found = golden.experiments(), [], {}
    for one in known.values():
        every += [one.replace(seed=one.seed + 1), one, one.replace(init_std=2 * one.init_std)]

    def work():
        for name, run in zip(known, ck.train(every)[1::3], strict=True):
            found[name] = golden.measured(run)

    threads = [threading.Thread(target=work), threading.Thread(target=ck.train, args=(every[:3],))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong, compared = differences(found, KNOWN[HERE[-1]])
    assert wrong == []
    record_property("reliability: numbers of a batch compared with those of a run alone", compared)
