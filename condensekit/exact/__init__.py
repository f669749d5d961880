"""What theorems say in whole numbers, and model ranks that are proven."""

from . import planes  # noqa: F401  it registers its ranks
from .attention import AttentionSampleSize, attention_sample_size
from .certificate import RankCertificate, exact_rank, rank_certificate
from .counts import structural_count
from .learning import (
    EffectiveParameters,
    LearningCoefficient,
    effective_parameters,
    learning_coefficient,
)
from .sample_size import (
    NoTheorem,
    SampleSize,
    optimistic_sample_size,
    sample_size,
    sample_size_bound,
)
from .samples import SampleRank, at_the_target, target_sample_rank
from .tangents import NoExactMethod
from .targets import TooNarrow, target_sample_size

__all__ = [
    "AttentionSampleSize",
    "EffectiveParameters",
    "LearningCoefficient",
    "NoExactMethod",
    "NoTheorem",
    "RankCertificate",
    "SampleRank",
    "SampleSize",
    "TooNarrow",
    "at_the_target",
    "attention_sample_size",
    "effective_parameters",
    "exact_rank",
    "learning_coefficient",
    "optimistic_sample_size",
    "rank_certificate",
    "sample_size",
    "sample_size_bound",
    "structural_count",
    "target_sample_rank",
    "target_sample_size",
]
