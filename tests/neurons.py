"""Networks by their neurons, one row each; and whether two are the same but for order and signs."""

import numpy as np
import torch

from condensekit import TwoLayer
from condensekit.activations import activation


def network(rows, name="tanh", d=1, bias=True):
    """A network from rows (a, w_1 .. w_d, b)."""
    table = np.array(rows, dtype=float).reshape(len(rows), -1)
    leaves = {"a": table[:, 0], "w": table[:, 1 : d + 1], "b": table[:, -1]}
    model = TwoLayer(d, len(table), name, bias)
    return model, {leaf: torch.tensor(leaves[leaf]) for leaf in model.shapes()}


def rows(model, params):
    """The inverse of `network`."""
    columns = [params["a"][:, None], params["w"], *([params["b"][:, None]] if model.bias else [])]
    return torch.cat(columns, dim=1).numpy()


def canonical(model, params):
    """The same table for all networks that differ by order, signs or positive scaling."""
    table, act = rows(model, params).copy(), activation(model.activation)
    for row in table:
        if act.homogeneous:
            length = np.linalg.norm(row[1:])
            row[0] *= length
            row[1:] /= length
        if (act.odd or act.even) and row[1:][np.flatnonzero(row[1:])[0]] < 0:
            row[1:] *= -1
            row[0] *= -1 if act.odd else 1
    return table[np.lexsort(table.T)]


def outputs(model, params, x):
    """By the one-line formula; nothing of the package's closed forms."""
    return torch.vmap(model, in_dims=(None, 0))(params, x)


def same(one, other, tolerance=1e-12):
    assert one[0] == other[0]
    np.testing.assert_allclose(canonical(*one), canonical(*other), rtol=tolerance, atol=tolerance)
