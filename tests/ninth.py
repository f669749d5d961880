"""A ninth lab, as a newcomer writes one: does each layer of a deep network gather into groups?"""

import numpy as np

import condensekit as ck
from condensekit import dynamics, pictures
from condensekit.frames import COLOURS, CurvesFrame, CurvesLook, SimilarityFrame, Style
from condensekit.labs import Lab
from condensekit.measures import mean_cosine
from condensekit.measures.neurons import component_list, unit_vectors
from condensekit.subjects import Said
from condensekit.tables import Dial, Line, More, Picture, of, runs_table
from condensekit.tables.experiments import ACTIVATION, moved_by, optimizers, std

OPENS = ck.Experiment(
    ck.Deep(1, 20, 2), ck.three_tanh(2), ck.Adam(1e-2, steps=300), n_samples=20, init_std=0.05
)
LAYERS = (0, 1)


def unit(run, index, layer):
    params = run.at(index)
    return unit_vectors(np.column_stack([params[f"w{layer}"], params[f"b{layer}"]]))


def groups(layer):
    return lambda run, index: len(component_list(unit(run, index, layer), 0.1, True))


def counts(now):
    lines = tuple((now.run.step, now.along[f"layer {k}"]) for k in LAYERS)
    top = 1.1 * max(line.max() for _, line in lines)
    caption = " and ".join(str(line[now.index]) for _, line in lines)
    axis = pictures.time_axis(now.run, now.index)
    return CurvesFrame(LOOK, axis, lines, (0.0, top), (0.0, 10.0, 20.0), caption)


def pair(now):
    both = [unit(now.run, now.index, layer) for layer in LAYERS]
    cosines = [np.clip(np.abs(rows @ rows.T), 0.0, 1.0) for rows in both]
    return tuple(map(SimilarityFrame, cosines, (f"{mean_cosine(rows):.2f}" for rows in both)))


def verdict(now):
    return [Said(f"Layer {k}:", f"{now.along[f'layer {k}'][now.index]} groups.") for k in LAYERS]


LOOK = CurvesLook(
    "Groups",
    "groups",
    (Style("layer 0", COLOURS["network"]), Style("layer 1", COLOURS["last"], "dashed")),
)


class DeepLab(Lab):
    """Does each layer of a deep network gather into groups?"""

    table = runs_table(
        OPENS,
        lambda one: isinstance(one.model, ck.Deep) and one.model.layers == 2 and one.model.d == 1,
        shows="networks of two hidden layers and one input",
        controls=[
            Dial("init_std", "variance σ²", (1e-16, 10.0), squared=True),
            Line(std),
            Dial("width", "width m", (2, 100)),
            Dial("n_samples", "samples n", (2, 200)),
            More([optimizers(), *moved_by((1e-5, 1.0), (10, 100_000)), ACTIVATION]),
        ],
        along={f"layer {k}": groups(k) for k in LAYERS},
        events=lambda now: dynamics.events(now.run, counts=now.along["layer 0"], what="group"),
        pictures=[
            Picture("fit", "fit", of(pictures.fit), beside=True),
            Picture("loss", "loss", of(pictures.loss), beside=True),
            Picture("groups", "curves", counts),
            Picture("cosines", "cosines", pair, every=4, options={"names": ("layer 0", "layer 1")}),
        ],
        verdict=verdict,
    )
