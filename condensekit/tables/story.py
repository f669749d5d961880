"""The settings of a map: their labels, and their values as axes and otherwise."""

from typing import Any

__all__ = ["STORY", "label_of", "shown"]

STORY = {
    "n_samples": ("samples n", "3:31:3", "20"),
    "init_std": ("variance σ²", "1e-14,1e-10,1e-6,1e-4,1e-2,1", "1e-6"),
    "width": ("width m", "3,5,10,20,50,100", "50"),
    "target_width": ("target width k", "1,2,3,4,5", "3"),
}
"""Of every setting the label, its values as an axis, and its value otherwise."""


def shown(name: str, value: Any) -> Any:
    """A value as the lab shows it: of the initialization, the variance."""
    return float(f"{value**2:.6g}") if name == "init_std" else value


def label_of(name: str) -> str:
    """What a setting is called on screen."""
    return STORY[name][0] if name in STORY else name
