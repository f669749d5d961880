"""The presets of the talk: at least one for each of its experiments.

They ask; the answer is what the run shows. Where the talk or a paper has no such setting, the
preset is ours, and says so.
"""

from .base import Preset

__all__ = ["TALK"]

_RECOVERY = "Zhang et al., arXiv:2105.14573, Figure 1"
_CLUSTERS = "the talk: neurons gather step by step"
_SAMPLES = "the talk: optimistic sample size"
_REGIMES = "Luo et al., arXiv:2007.07497, the phase diagram"
_OURS = "settings are ours"

TALK = (
    Preset(
        "RecoveryLab",
        "small start",
        "In how many groups will the neurons end, and what will the network do between samples?",
        _RECOVERY,
    ),
    Preset(
        "RecoveryLab",
        "large start",
        "The same network, 15 samples: what does a larger start change between samples?",
        f"{_RECOVERY}; this variance is ours",
        {"init_std": 1.0, "n_samples": 15},
    ),
    Preset(
        "RecoveryLab",
        "as many samples as numbers",
        "As many samples as the target has numbers, evenly spaced about zero: is that enough?",
        f"{_SAMPLES}; {_OURS}",
        {"width": 50, "n_samples": 9},
    ),
    Preset(
        "RecoveryLab",
        "one sample more",
        "One sample more, and theory allows it. Will training find the target?",
        f"{_SAMPLES}; {_OURS}",
        {"width": 50, "n_samples": 10},
    ),
    Preset(
        "RecoveryLab",
        "twice as many samples",
        "Twice as many samples as the target has numbers: and now?",
        f"{_SAMPLES}; {_OURS}",
        {"width": 50, "n_samples": 18},
    ),
    Preset(
        "RecoveryLab",
        "a target of one neuron",
        "A simpler target, the same network: how many samples does theory ask for? Are six enough?",
        f"{_SAMPLES}; {_OURS}",
        {"width": 50, "target_width": 1, "n_samples": 6},
    ),
    Preset(
        "CondensationLab",
        "small and large",
        "One draw, two scales, the same target: in which network will neurons gather?",
        _CLUSTERS,
    ),
    Preset(
        "CondensationLab",
        "ten neurons",
        "Ten times fewer neurons: do they gather in the same directions?",
        f"{_CLUSTERS}; {_OURS}",
        {"width": 10},
    ),
    Preset(
        "FactorizationLab",
        "rank 2, enough entries",
        "As many entries as theory asks for: will the product find the others?",
        "the talk: matrix factorization",
    ),
    Preset(
        "FactorizationLab",
        "rank 2, one entry fewer",
        "One entry fewer: which matrix will the product find?",
        f"the talk: matrix factorization; {_OURS}",
        {"n_samples": 11},
    ),
    Preset(
        "FactorizationLab",
        "rank 1",
        "A simpler matrix: how many entries does theory ask for?",
        f"the talk: matrix factorization; {_OURS}",
        {"target_rank": 1, "n_samples": 7},
    ),
    Preset(
        "FactorizationLab",
        "large start",
        "Started large: does the product still prefer a low rank?",
        f"the talk: matrix factorization; {_OURS}",
        {"init_std": 1.0},
    ),
    Preset(
        "KernelLab",
        "small start",
        "Which of these two networks will have kernels that look alike?",
        f"the talk: condensation in a CNN; {_OURS}",
    ),
    Preset(
        "KernelLab",
        "fewer digits",
        "A tenth of the digits: will the kernels still look alike?",
        f"the talk: condensation in a CNN; {_OURS}",
        {"n_samples": 50},
    ),
    Preset(
        "AttentionLab",
        "eight heads learn one",
        "Eight heads learn what one head does: how many of them will be at work in the end?",
        f"the talk: attention; {_OURS}",
    ),
    Preset(
        "AttentionLab",
        "anchor functions",
        "Which pairs of anchors were never seen, and what will the network answer to them?",
        "Zhang et al., arXiv:2405.05409; smaller here",
        {"task": "anchors"},
    ),
    Preset(
        "SymmetryLab",
        "two blocks",
        "Neurons that begin equal: what keeps them so, and what does a small push do?",
        "the talk: invariant manifolds",
    ),
    Preset(
        "SymmetryLab",
        "zero neurons, Adam",
        "All neurons begin at zero: will another optimizer stay there?",
        f"the talk: invariant manifolds; {_OURS}",
        {"candidate": "zero", "activation": "sigmoid", "optimizer": "Adam"},
    ),
    Preset(
        "SymmetryLab",
        "equal heads",
        "Equal heads stay equal: is a network of six heads in two blocks more than one of two?",
        f"the talk: invariant manifolds; {_OURS}",
        {"model": "attention heads", "width": 6},
    ),
    Preset(
        "RankLab",
        "neurons split",
        "A narrow network inside a wide one: how many directions of the wide one matter here?",
        _SAMPLES,
    ),
    Preset(
        "RankLab",
        "five inputs",
        "More inputs: by how much does each neuron raise the rank?",
        f"{_SAMPLES}; {_OURS}",
        {"dim": 5},
    ),
    Preset(
        "RankLab",
        "pushed off",
        "A push of every parameter by a little: what is the exact rank, and what does a floating-"
        "point rank say?",
        f"{_SAMPLES}; {_OURS}",
        {"epsilon": 1e-6},
    ),
    Preset(
        "PhaseLab",
        "samples and starts",
        "Where on this map is the target found: is it the samples, the start, or both?",
        f"the talk: theory beside experiment; {_OURS}",
    ),
    Preset(
        "RegimeLab",
        "condensed",
        "Wider and wider networks: do their neurons move more, or less?",
        _REGIMES,
    ),
    Preset(
        "RegimeLab",
        "critical",
        "On the border: does the width matter at all?",
        _REGIMES,
        {"gamma": 1.0, "gamma_prime": 0.0},
    ),
    Preset(
        "RegimeLab",
        "linear",
        "Above the border: what will the neurons of a very wide network do?",
        _REGIMES,
        {"gamma": 0.5, "gamma_prime": 0.0},
    ),
)
