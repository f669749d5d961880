"""Small networks use one thread of torch and of BLAS, and give those of their caller back."""

import sys
import threading
import warnings

import pytest
import torch
from interrupts import Interrupted, moments
from threadpoolctl import ThreadpoolController
from torch import nn

import condensekit as ck
from condensekit import threads
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.doors import public
from condensekit.threads import single_blas, single_thread

LOADED = ThreadpoolController().select(user_api="blas").lib_controllers
BLAS = [library for library in LOADED if "scipy.libs" not in library.filepath]
"""That of NumPy: SciPy's wheel brings one of its own, which tests may have loaded."""


def used():
    """Threads of torch, and of the BLAS of NumPy."""
    (blas,) = {library.num_threads for library in BLAS}
    return torch.get_num_threads(), blas


@pytest.fixture(autouse=True)
def _of_the_caller():
    """The caller has two threads of torch, and three of BLAS; what a test does gives them back."""
    for library in BLAS:
        library.set_num_threads(3)
    torch.set_num_threads(2)
    yield
    assert used() == (2, 3)
    for library in BLAS:
        library.set_num_threads(1)


def test_a_block_has_one_thread():
    with single_thread():
        assert used() == (1, 1)
        with single_thread():
            assert used() == (1, 1)
        assert used() == (1, 1)


def test_a_block_that_fails_gives_them_back():
    with pytest.raises(ZeroDivisionError), single_thread():
        1 / 0  # noqa: B018  fails


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_the_last_of_two_blocks_at_once_gives_them_back(first_ends_first):
    """Each in a thread of its own."""
    begun, may_end = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]
    seen = []

    def work(which):
        with single_thread():
            seen.append(used())
            begun[which].set()
            assert may_end[which].wait(60)

    workers = [threading.Thread(target=work, args=[which]) for which in (0, 1)]
    for which in (0, 1):
        workers[which].start()
        assert begun[which].wait(60)
    for which in (0, 1) if first_ends_first else (1, 0):
        assert used()[1] == 1
        may_end[which].set()
        workers[which].join()
    assert seen == [(1, 1), (1, 1)]


def test_blocks_in_many_threads_give_them_back():
    """Wherever they interrupt each other, the caller has all when they are through."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # they interrupt each other wherever they can

    def work():
        for _ in range(200):
            with single_thread():
                pass

    workers = [threading.Thread(target=work) for _ in range(8)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(usual)


class Library:
    """A BLAS of three threads; `on_set` is called before and after their number changes."""

    def __init__(self, on_set):
        self.num_threads, self.on_set = 3, on_set

    def set_num_threads(self, number):
        self.on_set("before", number)
        self.num_threads = number
        self.on_set("after", number)


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_comes_while_the_last_one_goes_has_one_thread_and_gives_all_back(when, monkeypatch):
    come = []

    def on_set(moment, number):
        if (moment, number) == (when, 3) and not come:
            come.append(single_blas())
            come[0].__enter__()

    library = Library(on_set)
    monkeypatch.setattr(threads, "_libraries", lambda: [library])
    with single_blas():
        assert library.num_threads == 1
    assert come
    assert library.num_threads == 1
    come[0].__exit__(None, None, None)
    assert library.num_threads == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_goes_while_another_one_comes_leaves_it_one_thread(when, monkeypatch):
    gone = []

    def on_set(moment, number):
        if (moment, number) == (when, 1) and not gone:
            gone.append(True)
            with single_blas():
                pass

    library = Library(on_set)
    monkeypatch.setattr(threads, "_libraries", lambda: [library])
    with single_blas():
        assert gone
        assert library.num_threads == 1
    assert library.num_threads == 3


@pytest.mark.parametrize("number", [2, 4])
def test_what_the_caller_has_changed_between_two_blocks_stays(number, monkeypatch):
    library = Library(lambda *_: None)
    monkeypatch.setattr(threads, "_libraries", lambda: [library])
    with single_blas():
        pass
    library.set_num_threads(number)
    with single_blas():
        assert library.num_threads == 1
    assert library.num_threads == number


def test_what_an_interrupt_has_kept_the_next_block_gives_back():
    def act():
        with single_thread():
            return used()

    for at in moments(Interrupted(act).lines, 40):
        Interrupted(act, at)
        torch.set_num_threads(2)  # of the interrupted thread alone
        assert act() == (1, 1)
        assert used() == (2, 3)


def test_a_function_for_readers_has_one_thread_of_blas():
    seen = []

    @public()
    def asked(number: float) -> float:
        seen.append(used())
        return number

    asked(1.0)
    assert seen == [(2, 1)]


def test_who_is_called_back_finds_all():
    seen = set()
    base = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(1), ck.Adam(steps=5), 6)
    ck.train(base, on_step=lambda snapshot: seen.add(used()))
    assert seen == {(2, 3)}


def noted(optimizer, monkeypatch):
    """Threads that a network of two layers has while it is trained."""
    seen = set()

    def forward(z):
        seen.add(used())
        return torch.tanh(z)

    monkeypatch.setitem(ACTIVATIONS, "noted", Activation("noted", forward))
    ck.train(ck.Experiment(ck.TwoLayer(1, 4, "noted"), ck.three_tanh(1), optimizer, 6))
    return seen


@pytest.mark.parametrize("optimizer", [ck.GradientFlow(t_end=10.0), ck.Adam(steps=5)], ids=repr)
def test_a_network_of_two_layers_is_trained_with_one(optimizer, monkeypatch):
    assert (1, 1) in noted(optimizer, monkeypatch)


def test_a_sweep_has_one():
    seen = set()
    base = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(1), ck.Adam(steps=5), 6)
    ck.sweep(base, measures={"threads": lambda run: seen.add(used()) or 0.0}, seed=[0, 1])
    assert seen == {(1, 1)}


def test_a_module_of_a_reader_has_all():
    seen = set()

    class Noted(nn.Linear):
        def forward(self, x):
            seen.add(used())
            return super().forward(x)

    net = nn.Sequential(Noted(1, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    model = ck.FromModule(net, "0", input_shape=(1,))
    ck.train(ck.Experiment(model, ck.three_tanh(1), ck.Adam(steps=5), 6), init=model.params())
    assert (2, 3) in seen


def test_two_openmp_in_one_process_are_not_complained_of(monkeypatch):
    """As MKL and torch may bring them; a reader may have made errors of all warnings."""

    class Warns(ThreadpoolController):
        def __init__(self):
            warnings.warn("Found Intel OpenMP and LLVM OpenMP", RuntimeWarning, stacklevel=2)
            super().__init__()

    monkeypatch.setattr("threadpoolctl.ThreadpoolController", Warns)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = {one.filepath for one in threads._libraries.__wrapped__()}
    assert found >= {one.filepath for one in BLAS}
