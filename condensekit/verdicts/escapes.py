"""What theory says of a set, and what became of a network on it and of one pushed off."""

from ..symmetry import Escape
from ..symmetry.candidates import Motion, motion
from ..training import Outcome
from ..words import number
from .runs import Rows

__all__ = ["escape_verdict"]

_SIGNS = {"stays on it": "✔", "leaves it": "✘"}


def escape_verdict(found: Escape, index: int | None = None) -> Rows:
    """Whether a set is invariant in theory, and what became of networks on it and pushed off.

    Until a recorded step of the pushed run, or to its end; what comes later is not told.
    """
    claim, off = found.on.claim, found.off.distance
    here = len(off) - 1 if index is None else index
    last = here == len(off) - 1
    on = found.on if last else found.on.until(found.there(here))
    ended = last and on.run.outcome is not Outcome.RUNNING
    rows = [
        (
            "✔ Invariant by theory:" if claim.invariant else "✘ Not invariant by theory:",
            claim.reason,
        )
    ]
    pushed = f"pushed off by {number(found.kick)}, it " if found.kick else "the other has no push, "
    if here == 0:
        begins = "starts beside it" if found.kick else "and starts there, too"
        head = "Not trained yet:" if last else "At the start:"
        rows.append((head, f"it starts on the set; {pushed}{begins}."))
    else:
        did, remark = on.finding
        sign = _SIGNS.get(did, "◐")
        if did == "stays on it" and not ended:
            did, remark = f"{did} so far", ""
        ends = "ends at" if ended else "is at"
        ends = ends if found.kick else f"and {ends}"
        rows.append(
            (
                f"{sign} The run {did}:",
                f"largest distance {number(on.largest)}; {pushed}{ends} "
                f"{number(float(off[here]))}. {remark}".rstrip(),
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
