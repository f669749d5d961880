"""Problems for attention: heads that learn a head, and anchor functions that must be composed."""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor

from ..knobs import Knob, knob
from ..losses import Loss, accuracy, cross_entropy, relative_squared_error
from ..models import Attention, Params
from ..streams import checked_seed, stream
from .base import Data, Normal, Problem, Uniform
from .teachers import TeacherProblem

__all__ = ["Anchors", "TeacherHeads", "anchors", "teacher_heads"]

QK_NORM, OV_NORM = 3.0, 2.0


@dataclasses.dataclass(frozen=True)
class TeacherHeads(TeacherProblem):
    """A target of a few attention heads with d = 1, at Gaussian X; build it with `teacher_heads`.

    Each head has W_Q W_K^T of norm 3 and W_V W_O^T of norm 2, in random directions. The loss is the
    mean squared error over the mean square of the labels.
    """

    target_heads: int = knob(1, 1, 8, help="Number of heads that make up the target.")
    tokens_in: int = 6
    columns_in: int = 6
    teacher_seed: int = 0
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Refuse an X without entries, and a seed that is none."""
        super().__post_init__()
        for name in ("tokens_in", "columns_in"):
            object.__setattr__(self, name, Knob(name, 1, 1, 256).check(getattr(self, name)))
        object.__setattr__(self, "teacher_seed", checked_seed(self.teacher_seed))

    @property
    def inputs(self) -> Normal:
        """Standard normal entries of X."""
        return Normal(self.tokens_in * self.columns_in)

    @property
    def loss(self) -> Loss:
        """Relative squared error."""
        return relative_squared_error

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of X."""
        return (self.tokens_in, self.columns_in)

    def teacher(self) -> tuple[Attention, Params]:
        """The heads that are the target."""
        model = Attention(self.tokens_in, self.columns_in, self.target_heads, 1)
        draw = stream(self.teacher_seed, "teacher heads")
        params = {}
        for name, shape in model.shapes().items():
            drawn = torch.randn(shape, generator=draw, dtype=torch.float64, device="cpu")
            norm = (QK_NORM if name in ("WQ", "WK") else OV_NORM) ** 0.5
            params[name] = norm * drawn / drawn.norm(dim=1, keepdim=True)
        return model, params

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """Draw the samples."""
        self.check_samples(n_samples)
        x = self.inputs.sample(n_samples, stream(seed, "inputs"))
        x_test = self.inputs.test(stream(seed, "test"))[:500]
        y = self.target(x)
        noise = Normal(self.inputs.dim).sample(n_samples, stream(seed, "noise")).view_as(y)
        return Data(x, y + self.noise_std * noise, x_test, self.target(x_test))


def teacher_heads(target_heads: int = 1, teacher_seed: int = 0) -> TeacherHeads:
    """Heads that learn heads: the teacher-student problem of attention.

    Parameters
    ----------
    target_heads : int
        Number of heads of the teacher.
    teacher_seed : int
        Seed of the teacher's directions.
    """
    return TeacherHeads(target_heads, teacher_seed=teacher_seed)


_SHIFTS = {1: 5, 2: 1, 3: -2, 4: -8}
_FIRST_KEY, _KEYS = 20, 40
_UNSEEN, _CHANGED, _CHANGED_SHIFT = (4, 3), (3, 4), -6


@dataclasses.dataclass(frozen=True)
class Anchors(Problem):
    """Composite anchor functions: a key x and two anchors a, b ask for g_b(g_a(x)).

    g_1 .. g_4 add 5, 1, -2 and -8 to a key of 20 .. 59. The pair (3, 4) is trained as x - 6 where
    the composition says x - 10, and (4, 3) is never trained: a network that has composed answers
    x - 10 to it (inferential), one that has learned that pairs commute x - 6 (symmetric). The
    functions, and the exception, are those of Zhang et al. 2024 (arXiv:2405.05409), the sizes are
    ours: a sequence is (x, a, b), n_samples of the 600 combinations of a key and another pair are
    trained, the others are held out. The paper holds out by the key modulo n - 2, which in so
    short a sequence gives the answer away; here the seed draws at random.
    """

    max_samples: ClassVar[int] = 590
    score_names: ClassVar[tuple[str, ...]] = (
        "held-out accuracy",
        "(4, 3) inferential",
        "(4, 3) symmetric",
    )

    @property
    def inputs(self) -> Uniform:
        """Three tokens, whole numbers; they are not drawn from this box."""
        return Uniform(0.0, float(_FIRST_KEY + _KEYS - 1), 3)

    @property
    def loss(self) -> Loss:
        """Cross-entropy of the token that follows."""
        return cross_entropy

    @property
    def output_shape(self) -> tuple[int, ...]:
        """One output for each token: anchors, keys, and all that can come out."""
        return (_FIRST_KEY + _KEYS + 2 * max(_SHIFTS.values()) + 1,)

    def target(self, x: Tensor) -> Tensor:
        """The composition of the two anchors at tokens `x` of shape [n, 3]; whole numbers [n]."""
        shifts = torch.tensor([0, *_SHIFTS.values()], device="cpu")
        key, first, second = x.long().T
        composed: Tensor = key + shifts[first] + shifts[second]
        return composed

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """Draw the samples; the last 40 test points are the pair (4, 3), labelled x - 10."""
        self.check_samples(n_samples)
        keys = range(_FIRST_KEY, _FIRST_KEY + _KEYS)
        pairs = [(a, b) for a in _SHIFTS for b in _SHIFTS if (a, b) != _UNSEEN]
        seen = torch.tensor(
            [(x, a, b) for a, b in pairs for x in keys], dtype=torch.float64, device="cpu"
        )
        seen = seen[torch.randperm(len(seen), generator=stream(seed, "inputs"), device="cpu")]
        unseen = torch.tensor([(x, *_UNSEEN) for x in keys], dtype=torch.float64, device="cpu")
        labels = self.target(seen)
        changed = (seen[:, 1] == _CHANGED[0]) & (seen[:, 2] == _CHANGED[1])
        labels = torch.where(changed, seen[:, 0].long() + _CHANGED_SHIFT, labels)
        x_test = torch.cat([seen[n_samples:], unseen])
        y_test = torch.cat([labels[n_samples:], self.target(unseen)])
        return Data(seen[:n_samples], labels[:n_samples], x_test, y_test)

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless some combinations are left to test on."""
        Knob("n_samples", 1, 1, self.max_samples).check(n_samples)

    def scores(self, outputs: Tensor, labels: Tensor) -> tuple[float, ...]:
        """Share of right answers: held out, and to (4, 3) as a composition and as a symmetry."""
        held, unseen = slice(None, -_KEYS), slice(-_KEYS, None)
        composed = sum(_SHIFTS[a] for a in _UNSEEN)
        symmetric = labels[unseen] - composed + _CHANGED_SHIFT
        return (
            accuracy(outputs[held], labels[held]),
            accuracy(outputs[unseen], labels[unseen]),
            accuracy(outputs[unseen], symmetric),
        )


def anchors() -> Anchors:
    """The composite anchor functions (see `Anchors`)."""
    return Anchors()
