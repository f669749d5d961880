"""How a run ends."""

import enum

__all__ = ["Outcome"]


class Outcome(enum.StrEnum):
    """How a run ended: converged, out of budget, diverged, cancelled. None of these is an error."""

    CONVERGED = "converged"
    """The loss fell to ``stop_loss``, or nothing moves the network any more: see the message."""
    BUDGET = "budget"
    """All steps were used."""
    DIVERGED = "diverged"
    """The loss, or a weight, is no longer a finite number."""
    STUCK = "stuck"
    """The step of the integrator cannot shrink any more."""
    CANCELLED = "cancelled"
    """Somebody stopped it."""
    RUNNING = "running"
    """It has not ended yet (seen only while it trains)."""
