"""Knobs: the numbers a reader may turn, declared once.

A knob is a dataclass field that knows its range. The check with a clear error, the slider of a lab,
the axis of a sweep and the label of that axis are all made from this one declaration.
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from .plain import as_python, quoted, real, whole

__all__ = ["Knob", "Settings", "knob"]


@dataclasses.dataclass(frozen=True)
class Knob:
    """The range and the meaning of one setting.

    Attributes
    ----------
    name : str
        The name in the flat namespace of an experiment, e.g. ``"width"``.
    default : int, float, str or bool
        Its type is the type of the knob.
    low, high : float or None
        The allowed range, both ends included. None for text and switches.
    log : bool
        True if the range is best walked in powers of ten.
    choices : collection of str
        The allowed texts, for a knob that holds text. They are asked when a value is checked, so
        that the keys of a dictionary are an open list.
    symbol, help : str
        The symbol of the lecture (LaTeX) and one sentence for a reader.
    """

    name: str
    default: int | float | str | bool
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: Collection[str] = dataclasses.field(default=(), hash=False)
    symbol: str = ""
    help: str = ""

    def check(self, value: object) -> int | float | str | bool:
        """Return `value` as this knob's type, or say in a full sentence why it cannot be.

        Raises
        ------
        ValueError
            If `value` has another type or lies outside the range.
        """
        if self.choices:
            if not isinstance(value, str) or value not in tuple(self.choices):
                raise ValueError(
                    f"{self.name} must be one of {', '.join(self.choices)}, but is {quoted(value)}."
                )
            return str(value)
        if isinstance(self.default, bool):
            switch = as_python(value)
            if not isinstance(switch, bool):
                raise ValueError(f"{self.name} must be True or False, but is {quoted(value)}.")
            return switch
        number = whole(value) if isinstance(self.default, int) else real(value)
        if number is None or not (_at_least(number, self.low) and _at_most(number, self.high)):
            kind = "a whole number" if isinstance(self.default, int) else "a number"
            raise ValueError(f"{self.name} must be {kind} {self.range()}, but is {quoted(value)}.")
        return number

    def range(self) -> str:
        """The allowed range in words, e.g. ``'from 1 to 5'``."""
        return f"from {_short(self.low)} to {_short(self.high)}"


def _short(number: float | None) -> str:
    if number is None:
        return "any"
    return f"{number:g}" if abs(number) < 1e-3 or number != int(number) else f"{int(number):,}"


def _at_least(number: float, low: float | None) -> bool:
    return low is None or number >= low


def _at_most(number: float, high: float | None) -> bool:
    return high is None or number <= high


def knob(
    default: Any,
    low: float | None = None,
    high: float | None = None,
    *,
    log: bool = False,
    name: str = "",
    choices: Collection[str] = (),
    symbol: str = "",
    help: str = "",  # noqa: A002  the word a reader of the declaration expects
) -> Any:
    """Declare a field of a `Settings` class as a knob; see `Knob` for the arguments."""
    partial = Knob(name, default, low, high, log, choices, symbol, help)
    return dataclasses.field(default=default, metadata={"knob": partial})


class Settings:
    """Base of everything that describes a run in numbers: frozen, hashable, checked when built.

    The knobs of settings and of their parts share one flat namespace. Two that are put together may
    not declare one name; what is never put together may.

    Raises
    ------
    ValueError
        If a value is outside its range, or two of the parts declare the same knob.
    """

    _known: ClassVar[dict[str, tuple[str, Knob]]]

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        _declared(cls)  # says now if two fields of the class declare one knob

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, field.name, as_python(getattr(self, field.name)))
        for name, declared in _known(type(self)).values():
            object.__setattr__(self, name, declared.check(getattr(self, name)))
        owners = dict.fromkeys(_known(type(self)), type(self))
        for part in self.parts().values():
            for name in part.knobs():
                if name in owners:
                    raise ValueError(
                        f"{owners[name].__name__} and {type(part).__name__} both declare the knob "
                        f"{name!r}; knobs that are put together need names of their own."
                    )
                owners[name] = type(part)

    @classmethod
    def declared_knobs(cls) -> dict[str, Knob]:
        """The knobs that this class itself declares, by their name in the flat namespace."""
        return {name: declared for name, (_, declared) in _known(cls).items()}

    def parts(self) -> dict[str, "Settings"]:
        """The settings that are fields of these settings, by field name."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        values = {field.name: getattr(self, field.name) for field in fields}
        return {name: value for name, value in values.items() if isinstance(value, Settings)}

    def knobs(self) -> dict[str, Knob]:
        """Every knob of these settings and of their parts, by name."""
        found = self.declared_knobs()
        for part in self.parts().values():
            found |= part.knobs()
        return found

    def values(self) -> dict[str, int | float | str | bool]:
        """The value of every knob, by name."""
        found = {name: getattr(self, field) for name, (field, _) in _known(type(self)).items()}
        for part in self.parts().values():
            found |= part.values()
        return found

    def replace(self, **values: object) -> Self:
        """The same settings with the named knobs turned.

        Raises
        ------
        ValueError
            If a name is not a knob of these settings, or a value is outside its range.
        """
        unknown = sorted(values.keys() - self.knobs().keys())
        if unknown:
            raise ValueError(
                f"There is no knob {unknown[0]!r}; the knobs here are "
                f"{', '.join(sorted(self.knobs()))}."
            )
        return self._turned(values)

    def _turned(self, values: Mapping[str, object]) -> Self:
        changes: dict[str, object] = {
            field: values[name] for name, (field, _) in _known(type(self)).items() if name in values
        }
        for name, part in self.parts().items():
            turned = part._turned(values)
            if turned != part:
                changes[name] = turned
        return dataclasses.replace(self, **changes) if changes else self  # type: ignore[type-var]


def _known(cls: type[Settings]) -> dict[str, tuple[str, Knob]]:
    """`_declared` of a finished class, which keeps it: sweeps turn knobs many thousand times."""
    if "_known" not in cls.__dict__:
        cls._known = _declared(cls)
    return cls._known


def _declared(cls: type) -> dict[str, tuple[str, Knob]]:
    """Knobs by name with the field that holds each; works before the dataclass decorator ran."""
    found: dict[str, tuple[str, Knob]] = {}
    for base in reversed(cls.__mro__):
        fields = dict(base.__dict__) | dict(base.__dict__.get("__dataclass_fields__", {}))
        for field, value in fields.items():
            if isinstance(value, dataclasses.Field) and "knob" in value.metadata:
                declared: Knob = value.metadata["knob"]
                name = declared.name or field
                if found.get(name, (field,))[0] != field:
                    raise TypeError(
                        f"{cls.__name__} declares the knob {name!r} twice, as the fields "
                        f"{found[name][0]!r} and {field!r}."
                    )
                found[name] = (field, dataclasses.replace(declared, name=name))
    return found
