"""Ten concepts of condensation, each as a question about given numbers; its key is computed."""

import dataclasses
import math
import re
from collections.abc import Sequence

import torch

from ..activations import activation
from ..derivatives import loss_and_gradient
from ..exact import exact_rank, optimistic_sample_size
from ..measures import groups
from ..models import MatrixFactorization, Params, TwoLayer, TwoLayerConv, regime
from ..optimizers import Adam
from ..plain import quoted
from ..symmetry import balanced, equal, proportional, same_inputs

__all__ = [
    "LETTERS",
    "Item",
    "adam",
    "direction",
    "effective",
    "hidden_entries",
    "lines",
    "rank",
    "samples",
    "sharing",
    "small_start",
    "width",
]

LETTERS = "abcd"
"""What the options of a choice are called."""
_WHOLE = re.compile(r"[+-]?\d{1,15}([.,]0*)?", re.ASCII)

Neuron = tuple[float, float, float]
Sample = tuple[tuple[float, float], float]


@dataclasses.dataclass(frozen=True)
class Item:
    """One question of a test.

    Attributes
    ----------
    concept : str
        What it asks for, the same in both forms.
    text : str
        The question, as Markdown.
    answer : str
        The key: a whole number, or the letter of an option.
    options : tuple of str
        What a choice has, named a, b, c and d; empty where a whole number is asked for.
    """

    concept: str
    text: str
    answer: str
    options: tuple[str, ...] = ()

    def read(self, given: str) -> str:
        """An answer as `answer` is written: case, spaces and ``16.0`` do not count.

        Raises
        ------
        ValueError
            If it is neither a letter of an option nor, where there are none, a whole number.
        """
        text = given.strip().lower()
        if self.options:
            if len(text) != 1 or text not in LETTERS:
                raise ValueError(f"must be one of {', '.join(LETTERS)}, but is {quoted(given)}")
            return text
        if not _WHOLE.fullmatch(text):
            raise ValueError(f"must be a whole number, but is {quoted(given)}")
        return str(int(float(text.replace(",", "."))))


def _choice(concept: str, text: str, place: int, right: str, wrong: Sequence[str]) -> Item:
    """A choice whose right option stands at `place`."""
    return Item(concept, text, LETTERS[place], (*wrong[:place], right, *wrong[place:]))


def _tabled(neurons: Sequence[Neuron]) -> str:
    rows = "\n".join(f"| {a:g} | {w:g} | {b:g} |" for a, w, b in neurons)
    return f"| a | w | b |\n|---|---|---|\n{rows}"


def _network(neurons: Sequence[Neuron]) -> tuple[TwoLayer, Params]:
    a, w, b = torch.tensor(neurons, dtype=torch.float64, device="cpu").T
    return TwoLayer(1, len(neurons)), {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}


# The concepts ------------------------------------------------------------------------------------


def samples(m: int, k: int, d: int) -> Item:
    """How many samples a target of k neurons asks for."""
    size = optimistic_sample_size(TwoLayer(d, m), target_width=k)
    return Item(
        "optimistic sample size",
        f"A tanh network f(x) = Σ aⱼ tanh(wⱼ·x + bⱼ) has {m} neurons and {d} inputs. Its target is "
        f"made of {k} such neurons. From how many samples, at fewest, can it recover the target "
        "at best?",
        str(size),
    )


def width(narrow: int, wide: int, k: int, d: int, place: int) -> Item:
    """Of a wider network it asks for as many."""
    model = TwoLayer(d, wide, bias=False)
    before = optimistic_sample_size(model.replace(width=narrow), target_width=k)
    size = optimistic_sample_size(model, target_width=k)
    wrong = (before * wide // narrow, model.n_parameters, before + wide - narrow)
    return _choice(
        "the width does not count",
        f"A tanh network of {narrow} neurons can recover a certain target from {before} samples, "
        f"and at best from no fewer. A network of {wide} neurons, otherwise the same, learns the "
        "same target. How many samples does it need at best?",
        place,
        str(size),
        [str(number) for number in wrong],
    )


def hidden_entries(side: int, rank: int) -> Item:
    """How many entries of a matrix must be seen."""
    size = optimistic_sample_size(MatrixFactorization(side, side, side), target_width=rank)
    return Item(
        "samples of a matrix",
        f"A matrix of {side} rows and {side} columns has rank {rank}. Some of its entries are "
        f"hidden. A product of two matrices of {side} rows and {side} columns learns those that "
        "are seen. How many must be seen, at fewest, for it to find the others at best?",
        str(size),
    )


def rank(neurons: Sequence[Neuron]) -> Item:
    """In how many directions a function can change."""
    return Item(
        "model rank",
        f"A network f(x) = Σ aⱼ tanh(wⱼ x + bⱼ) has these neurons:\n\n{_tabled(neurons)}\n\n"
        "Each parameter is moved by a little. How many of the functions by which f changes are "
        "linearly independent?",
        str(exact_rank(*_network(neurons))),
    )


def small_start(powers: Sequence[float], place: int) -> Item:
    """All parameters have the standard deviation m^-p: gamma is 2 p and gamma' is 0."""
    (right,) = [p for p in powers if regime(2.0 * p) == "condensed"]
    return _choice(
        "a small start condenses",
        "A network f(x) = Σ aⱼ relu(wⱼ·x) of m neurons begins with random parameters, all with "
        "the same standard deviation. With which standard deviation do its input weights turn and "
        "gather while it trains, in the limit of many neurons?",
        place,
        f"m^(−{right:g})",
        [f"m^(−{p:g})" for p in powers if p != right],
    )


def adam(j: int, k: int, factor: float, value: float, place: int) -> Item:
    """Which set Adam keeps; gradient flow keeps more of them."""
    model = TwoLayer(2, max(j, k), "relu")
    pair = {"j": j - 1, "k": k - 1}
    sets = (
        equal(model, **pair),
        proportional(model, **pair, c=factor),
        same_inputs(model, **pair),
        balanced(model, j - 1, value),
    )
    (right,) = [one for one in sets if one.theory(Adam()).invariant]

    def said(formula: str) -> str:
        return formula.replace("_j", f"_{j}").replace("_k", f"_{k}")

    return _choice(
        "which sets Adam keeps",
        f"In a network f(x) = Σ a_i relu(w_i·x + b_i) one of these holds for neurons {j} and {k} "
        "at the start, and nothing more is known. It trains with Adam. Which of them then holds "
        "for ever, whatever the data?",
        place,
        said(right.formula),
        [said(one.formula) for one in sets if one is not right],
    )


def effective(neurons: Sequence[Neuron]) -> Item:
    """As how many neurons a network acts."""
    return Item(
        "effective neurons",
        f"A network f(x) = Σ aⱼ tanh(wⱼ x + bⱼ) has these neurons:\n\n{_tabled(neurons)}\n\n"
        "With how many tanh neurons, at fewest, can the same function be written?",
        str(int(groups(*_network(neurons)).max()) + 1),
    )


def sharing(side: int, size: int, kernels: int, k: int) -> Item:
    """How many samples kernels ask for."""
    model = TwoLayerConv(side, kernels, size, bias=False)
    p, s = model.patches.shape
    return Item(
        "samples of a convolution",
        f"A convolutional tanh network has {kernels} kernels of {s} weights, without biases, that "
        f"slide over {p} positions. A kernel has an output weight for each position. Its target "
        f"has {k} such kernels. From how many samples, at fewest, can it recover the target at "
        "best?",
        str(optimistic_sample_size(model, target_width=k)),
    )


def lines(name: str, formula: str) -> Item:
    """In how many lines neurons gather first."""
    return Item(
        "lines of the initial stage",
        f"A network of one input, with biases, has the activation {formula}. All its parameters "
        "begin tiny. Into how many lines through the origin, at most, do the vectors (w, b) of its "
        "neurons gather first?",
        str(activation(name).multiplicity()),
    )


def direction(samples: Sequence[Sample], place: int) -> Item:
    """In which direction they gather."""
    x = torch.tensor([point for point, _ in samples], dtype=torch.float64, device="cpu")
    y = torch.tensor([value for _, value in samples], dtype=torch.float64, device="cpu")
    model = TwoLayer(2, 1, bias=False)
    params = {name: torch.zeros_like(leaf)[None] for name, leaf in model.init(seed=0).items()}
    params["a"] += 1.0  # what then moves w is the pull of the samples on a neuron at zero
    pull = {name: torch.zeros_like(leaf) for name, leaf in params.items()}
    loss_and_gradient(model, params, pull, x[None], y[None])()
    first, second = (round(-len(samples) / 2.0 * float(part)) for part in pull["w"].flatten())
    middle, strongest = x.sum(0).tolist(), x[int(y.abs().argmax())].tolist()
    rows = "\n".join(f"| ({u:g}, {v:g}) | {value:g} |" for (u, v), value in samples)
    return _choice(
        "direction of the initial stage",
        "A network f(x) = Σ aⱼ tanh(wⱼ·x) of two inputs begins with tiny parameters. It trains on "
        f"these samples:\n\n| x | y |\n|---|---|\n{rows}\n\nAlong which vector, up to its sign "
        "and length, do all wⱼ gather first?",
        place,
        _vector(first, second),
        [_vector(-second, first), _vector(*middle), _vector(*strongest)],
    )


def _vector(first: float, second: float) -> str:
    """A direction in the smallest whole numbers, the first one that is not zero positive."""
    u, v = int(first), int(second)
    common = math.gcd(u, v) * (-1 if (u, v) < (0, 0) else 1)
    return f"({u // common}, {v // common})"
