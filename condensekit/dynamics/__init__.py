"""Dynamics: what happened along a run, what its plateaus are, and how steep its way was.

`events` lists plateaus, escapes and changes of a count; `plateaus` says what each plateau is;
`origin_escape` measures how long flows stay at the origin; `steepness` has the largest and the
lowest eigenvalue of the Hessian, and `hessian_inertia` the signs of all. `stages` says which
matrices of a Transformer begin to condense first.
"""

from .events import Event, events
from .inertia import Inertia, hessian_inertia
from .origin import OriginEscape, origin_escape
from .plateaus import Plateau, plateaus
from .rates import bearable_rate, same_time
from .runaway import Runaway, line_fit, line_level
from .stages import Stages, stages
from .steepness import descent_steps, followed_until, lowest_eigenvalue, sharpness

__all__ = [
    "Event",
    "Inertia",
    "OriginEscape",
    "Plateau",
    "Runaway",
    "Stages",
    "bearable_rate",
    "descent_steps",
    "events",
    "followed_until",
    "hessian_inertia",
    "line_fit",
    "line_level",
    "lowest_eigenvalue",
    "origin_escape",
    "plateaus",
    "same_time",
    "sharpness",
    "stages",
]
