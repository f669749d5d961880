"""Recording: what widgets show, moment by moment, as data that a page plays back.

A lab is drawn by its widgets' states alone. So a recording of these states, and of what changes in
them from one moment to the next, is the lab itself, without Python.
"""

import dataclasses
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets
import numpy as np

from ..widgets.closing import held, parts
from .formulas import with_mathml

__all__ = ["Recording"]

_MANY = 64
"""Numbers, from which on an array is kept in single precision."""
_SAFE = 1e30
"""Single precision holds numbers from its inverse to this one, to more digits than a screen has."""


@dataclasses.dataclass
class _Track:
    """The values that one trait has had, each with the moment from which on it had it."""

    moments: list[int]
    values: list[str]

    def add(self, moment: int, value: str) -> None:
        if value == self.values[-1]:
            return
        if self.moments[-1] == moment:
            self.values[-1] = value
        else:
            self.moments.append(moment)
            self.values.append(value)

    def at(self, moments: Iterable[int]) -> list[tuple[int, Any]]:
        """What is left of it where only these moments, ascending, are kept."""
        found: list[tuple[int, str]] = []
        index = 0
        for kept in moments:
            while index + 1 < len(self.moments) and self.moments[index + 1] <= kept:
                index += 1
            if not found or found[-1][1] != self.values[index]:
                found.append((kept, self.values[index]))
        return [(moment, json.loads(value)) for moment, value in found]


class Recording:
    """The states of a widget and of all that it is made of.

    Parameters
    ----------
    root : Widget
        What is displayed.
    fixed : dict, optional
        Traits that a page has for itself, by widget, and what they are at the start; what happens
        to them is not recorded.

    Attributes
    ----------
    length : int
        Moments recorded.
    size : int
        Bytes of arrays and images in them, each counted once.
    """

    def __init__(
        self, root: ipywidgets.Widget, fixed: dict[ipywidgets.Widget, dict[str, Any]] | None = None
    ) -> None:
        self.root, self.length, self.size = root, 0, 0
        self._fixed = {widget.model_id: traits for widget, traits in (fixed or {}).items()}
        self._models: dict[str, ipywidgets.Widget] = {}
        self._tracks: dict[tuple[str, str], _Track] = {}
        self._dirty: dict[tuple[str, str], ipywidgets.Widget] = {}
        self._blobs: dict[bytes, int] = {}

    def take(self) -> int:
        """Record this moment; give its number."""
        moment, dirty = self.length, [*self._dirty.items()]
        self._dirty.clear()
        for root in [self.root] if not moment else []:
            self._meet(root)
        for (model_id, name), widget in dirty:
            if name in self._fixed.get(model_id, {}) or widget.comm is None:
                continue
            for one in held(getattr(widget, name)):
                self._meet(one)
            self._tracks[model_id, name].add(moment, self._told(_state(widget, name)))
        self.length += 1
        return moment

    def end(self) -> None:
        """Watch no more."""
        for widget in self._models.values():
            widget.unobserve(self._changed)

    def _meet(self, root: ipywidgets.Widget) -> None:
        """Watch a widget from now on, with all that it is made of."""
        if root.model_id in self._models:
            return
        for widget in parts(root):
            if widget.model_id is None or widget.model_id in self._models:
                continue
            self._models[widget.model_id] = widget
            for name in widget.keys:
                fixed = self._fixed.get(widget.model_id, {})
                value = fixed[name] if name in fixed else _state(widget, name)
                self._tracks[widget.model_id, name] = _Track([self.length], [self._told(value)])
            widget.observe(self._changed)

    def _changed(self, change: dict[str, Any]) -> None:
        widget, name = change["owner"], change["name"]
        if name in widget.keys:
            self._dirty[widget.model_id, name] = widget

    def _told(self, value: Any) -> str:
        return json.dumps(self._plain(value), allow_nan=False)

    def _plain(self, value: Any) -> Any:
        """A value of a state without its bytes, which are kept beside it."""
        if isinstance(value, (memoryview, bytes, bytearray)):
            blob = bytes(value)
            if blob not in self._blobs:
                self._blobs[blob] = len(self._blobs)
                self.size += len(blob)
            return {"_blob": self._blobs[blob]}
        if isinstance(value, dict):
            if value.get("dtype") == "float64" and isinstance(value.get("value"), memoryview):
                value = _single(value)
            return {key: self._plain(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._plain(one) for one in value]
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value

    def data(self, moments: Sequence[int]) -> tuple[dict[str, Any], bytes]:
        """What a page needs of these moments: models, what changes in them, and the bytes.

        Where a value has bytes, it has ``{"_blob": [first, length]}``.
        """
        models: dict[str, dict[str, Any]] = {}
        tracks: dict[str, dict[str, Any]] = {}
        for (model_id, name), track in self._tracks.items():
            values = track.at(moments)
            models.setdefault(model_id, {})[name] = values[0][1]
            if len(values) > 1:
                tracks.setdefault(model_id, {})[name] = values
        used, body = _Used([*self._blobs]), {"models": models, "tracks": tracks}
        return used.placed(body), b"".join(used.kept)


class _Used:
    """The bytes that are needed, each once, one behind the other."""

    def __init__(self, blobs: list[bytes]) -> None:
        self._blobs, self._places, self._end = blobs, dict[int, list[int]](), 0
        self.kept: list[bytes] = []

    def placed(self, value: Any) -> Any:
        if isinstance(value, dict):
            if "_blob" in value:
                return {"_blob": self._place(value["_blob"])}
            return {key: self.placed(one) for key, one in value.items()}
        return [self.placed(one) for one in value] if isinstance(value, (list, tuple)) else value

    def _place(self, number: int) -> list[int]:
        if number not in self._places:
            blob = self._blobs[number]
            self._places[number] = [self._end, len(blob)]
            padded = blob + bytes(-len(blob) % 8)  # where arrays of doubles may begin
            self.kept.append(padded)
            self._end += len(padded)
        return self._places[number]


def _state(widget: ipywidgets.Widget, name: str) -> Any:
    """The value of a trait, as a page that has no script for formulas needs it."""
    value = widget.get_state([name])[name]
    return (
        with_mathml(value) if isinstance(widget, ipywidgets.HTMLMath) and name == "value" else value
    )


def _single(array: dict[str, Any]) -> dict[str, Any]:
    """An array in single precision, where that is enough for a picture."""
    values = np.frombuffer(array["value"], np.float64)
    sizes = np.abs(values[np.isfinite(values) & (values != 0.0)])
    if len(values) < _MANY or (len(sizes) and not 1 / _SAFE < sizes.min() <= sizes.max() < _SAFE):
        return array
    return array | {"value": memoryview(values.astype(np.float32).tobytes()), "dtype": "float32"}
