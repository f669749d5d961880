"""Write docs/families.md: which family of models has which method, as the code answers today."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import condensekit as ck
from condensekit import embedding, exact, measures, problems, symbolic, symmetry
from condensekit.dynamics.narrow import narrow
from condensekit.exact import NoExactMethod, NoTheorem

PATH = Path(__file__).parents[1] / "docs" / "families.md"
NETWORK = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
FAMILIES: tuple[ck.Model, ...] = (
    ck.TwoLayer(2, 3),
    ck.ScaledTwoLayer(2, 3),
    ck.TwoLayerConv(5, 2),
    ck.Deep(2, 3, 2),
    ck.Conv(side=8, kernels=2, size=3, classes=2),
    ck.Attention(2, 2, 2, 1),
    ck.Transformer(7, 3, 4, 1, 2, 4),
    ck.models.PreciseTransformer(7, 3, 4, 1, 2, 4),
    ck.MatrixFactorization(3, 2, 3),
    ck.Plane(),
    ck.ProductPlane(),
    ck.FromModule(NETWORK, "0", input_shape=(2,)),
)
"""A small network of each family."""

HEAD = """# Families and their methods

A family is a class of models. What needs no more than the formula works for all of them: training,
losses, gradients, the numerical rank. What differs by family is asked at a *door*, a function that
looks up the class of its first argument. A new family says what it knows there, with one
`@door.register`, and nothing else changes. This page is written by `tools/list_families.py`, and a
test holds it equal to the code.
"""

METHODS = """
## What a family can be asked

Asked of a small network of each family, with tanh where there is a choice. ✓: there is an answer.
–: a sentence says that there is none.

"""

DOORS = """
## The doors

At each public door, the families that have code of their own, and what the others get.

"""


def _is_ours(kind: type) -> bool:
    """Whether a class is one of the package: a reader's own are registered, too."""
    return kind is not object and kind.__module__.partition(".")[0] == "condensekit"


def methods() -> dict[str, Callable[[ck.Model, Any, Any], object]]:
    """What can be asked of a model, its parameters and a few samples."""
    return {
        "`model_rank`": lambda m, p, d: ck.model_rank(m, p),
        "`exact_rank`": lambda m, p, d: ck.exact_rank(m, p),
        "`symbolic.symbolic_rank`": lambda m, p, d: symbolic.symbolic_rank(
            m, {name: leaf.mul(4).round().int().numpy() for name, leaf in p.items()}
        ),
        "`optimistic_sample_size`": lambda m, p, d: ck.optimistic_sample_size(m, target_width=1),
        "`exact.target_sample_size`": lambda m, p, d: exact.target_sample_size(m, *_target(m, p)),
        "`measures.input_weights`, `orientations`": lambda m, p, d: measures.input_weights(m, p),
        "`measures.neurons`, `groups`": lambda m, p, d: measures.groups(m, p),
        "`measures.clusters`": lambda m, p, d: measures.clusters(m, p),
        "`measures.matrices`": lambda m, p, d: measures.matrices(m, p),
        "`measures.simplicity`": measures.simplicity,
        "`merge`": lambda m, p, d: ck.merge(m, p),
        "`nearest_condensed`": ck.nearest_condensed,
        "`embedding.embed`": lambda m, p, d: embedding.embed(m, p, 5, "split"),
        "`dynamics.narrow`": _narrow,
        "`symmetry.layers`": lambda m, p, d: symmetry.layers(m),
        "`symmetry.prove`": lambda m, p, d: symmetry.prove(symmetry.swap(m, 0, 1)),
    }


def _target(model: ck.Model, params: Any) -> tuple[ck.Model, Any]:
    """A target that the family can be asked about: itself, or a plane."""
    flat = isinstance(model, ck.Plane | ck.ProductPlane)
    return problems.plane(1.0, 0.5, -2.0).teacher() if flat else (model, params)


def _narrow(model: ck.Model, params: Any, data: problems.Data) -> object:
    found = narrow(model, params, data)
    if found.width is None:
        raise ValueError("nothing is known")
    return found


def answers(model: ck.Model, method: Callable[[ck.Model, Any, Any], object]) -> bool:
    """Whether there is an answer, and no sentence that there is none."""
    params = model.init(seed=0, std=0.5)
    x = torch.rand(6, model.input_dim, generator=torch.Generator().manual_seed(0)).to(model.dtype)
    x = x.round() if isinstance(model, ck.Transformer) else x
    y = ck.evaluate(model, params, x)
    try:
        method(model, params, problems.Data(x, y, x, y))
    except (ValueError, NoTheorem, NoExactMethod):
        return False
    return True


def doors() -> dict[str, Any]:
    """Every function that asks a model for its class, by module and name."""
    found = {}
    for info in pkgutil.walk_packages(ck.__path__, "condensekit."):
        if info.name.endswith("__main__") or info.name.startswith("condensekit.labs"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if _is_door(value) and value.__module__ == info.name:
                found[f"{info.name.removeprefix('condensekit.')}.{name}"] = value
    return dict(sorted(found.items()))


def _is_door(value: object) -> bool:
    if not (inspect.isfunction(value) and hasattr(value, "registry")):
        return False
    if value.__name__.startswith("_"):
        return False
    first = next(iter(inspect.signature(value).parameters.values()))
    return first.annotation is ck.Model


OTHERS = {
    "dynamics.narrow.narrow": "no narrower network",
    "exact.targets.target_sample_size": "a sentence that there is none",
    "measures.neurons.input_weights": "what `neurons` says",
    "measures.simplicity.simplicity": "what `groups` says",
}
"""What families without code of their own get, where that is neither of the usual two."""


def others(name: str, door: Any) -> str:
    """What a family without code of its own gets."""
    if name in OTHERS:
        return OTHERS[name]
    refuses = "\n    raise " in inspect.getsource(door.registry[object])
    return "a sentence that there is none" if refuses else "the general way"


def page() -> str:
    """The page as text."""
    names = [type(model).__name__ for model in FAMILIES]
    lines = ["| | " + " | ".join(f"`{name}`" for name in names) + " |"]
    lines.append("|---" * (len(names) + 1) + "|")
    for name, method in methods().items():
        marks = ["✓" if answers(model, method) else "–" for model in FAMILIES]
        lines.append(f"| {name} | {' | '.join(marks)} |")
    table = ["| door | what it says | code of their own | others |", "|---|---|---|---|"]
    for name, door in doors().items():
        said = (inspect.getdoc(door) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        own = ", ".join(sorted(f"`{kind.__name__}`" for kind in door.registry if _is_ours(kind)))
        table.append(f"| `{name}` | {said} | {own} | {others(name, door)} |")
    return "\n".join([HEAD + METHODS + "\n".join(lines), DOORS + "\n".join(table), ""])


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
