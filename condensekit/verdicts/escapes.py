"""What theory says of a set, and what became of a network on it and of one pushed off."""

from ..symmetry import Escape
from ..symmetry.candidates import Motion, motion
from ..training import Outcome
from ..words import number
from .runs import Rows

__all__ = ["escape_verdict"]

_SIGNS = {"stays on it": "✔", "leaves it": "✘"}


def escape_verdict(found: Escape) -> Rows:
    """Whether a set is invariant in theory, and what became of networks on it and pushed off."""
    on, claim = found.on, found.on.claim
    rows = [
        (
            "✔ Invariant by theory:" if claim.invariant else "✘ Not invariant by theory:",
            claim.reason,
        )
    ]
    pushed = f"pushed off by {number(found.kick)}, it " if found.kick else "the other has no push, "
    if len(on.run) < 2:
        begins = "starts beside it" if found.kick else "and starts there, too"
        rows.append(("Not trained yet:", f"it starts on the set; {pushed}{begins}."))
    else:
        did, remark = on.finding
        ends = "is at" if on.run.outcome is Outcome.RUNNING else "ends at"
        ends = ends if found.kick else f"and {ends}"
        rows.append(
            (
                f"{_SIGNS.get(did, '◐')} The run {did}:",
                f"largest distance {number(on.largest)}; {pushed}{ends} "
                f"{number(float(found.off.distance[-1]))}. {remark}".rstrip(),
            )
        )
    if found.narrow is not None:
        m = on.run.experiment.model.n_parameters
        k = found.narrow.experiment.model.n_parameters
        # Adam does not see lengths, which a block of several neurons changes.
        adam = motion(on.run.experiment.optimizer) is Motion.ENTRIES
        several = found.stratum is not None and max(map(len, found.stratum.blocks)) > 1
        rates = ", but at other rates than the narrow network's" if adam and several else ""
        rows.append((f"{m} parameters", f"move as {k} there{rates}."))
    return tuple(rows)
