"""Functions for readers: arguments of a wrong kind are refused in a sentence, before anything else.

The kind of an argument is what its annotation says, and is written nowhere else. Ranges are the
matter of each function. What is done for readers has one thread of NumPy's BLAS (`threads`).
"""

import functools
import inspect
import operator
import os
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import (
    Any,
    ParamSpec,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

import numpy as np
import torch

from .arrays import Unusable, real_numbers, tensor_of
from .knobs import Knob
from .plain import quoted
from .streams import checked_seed
from .threads import single_blas

__all__ = ["Door", "door", "public"]

Asked = ParamSpec("Asked")
Code = TypeVar("Code", bound=Callable[..., Any])
Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)


def public(
    fits: Callable[..., object] | None = None, but: Collection[str] = (), calls: bool = False
) -> Callable[[Callable[Asked, Found]], Callable[Asked, Found]]:
    """For a function that readers call: each argument is of the kind that its annotation says.

    Parameters
    ----------
    fits : callable, optional
        Called with those of the arguments that it names; raises a ValueError if they do not fit
        each other.
    but : collection of str
        Arguments of which the function itself says more, if they are of another kind.
    calls : bool
        Whether it calls functions of the reader, who shall find all threads; it takes them itself.

    Examples
    --------
    >>> @public()
    ... def half(number: float) -> float:
    ...     return number / 2
    >>> half("4")
    Traceback (most recent call last):
    ValueError: number must be a number, but is '4'.
    """
    wanted = () if fits is None else tuple(inspect.signature(fits).parameters)

    def made(function: Callable[Asked, Found]) -> Callable[Asked, Found]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def asked(*given: Asked.args, **named: Asked.kwargs) -> Found:
            bound = signature.bind(*given, **named)
            for name, kind in _kinds(function).items():
                if name in bound.arguments:
                    try:
                        bound.arguments[name] = kind.of(name, bound.arguments[name])
                    except ValueError:
                        if name not in but:
                            raise
            if fits is not None:
                fits(**{name: bound.arguments[name] for name in wanted if name in bound.arguments})
            with nullcontext() if calls else single_blas():
                return function(*bound.args, **bound.kwargs)

        return asked

    return made


class Door(Protocol[Found_co]):
    """A function at which each class of its first argument may have code of its own."""

    registry: Any

    def __call__(self, *given: Any, **named: Any) -> Found_co:
        """Ask it."""

    @overload
    def register(self, kind: type) -> Callable[[Code], Code]: ...
    @overload
    def register(self, kind: Code) -> Code: ...
    def register(self, kind: Any) -> Any:
        """For code of a class: the function that says it, or the class and then the function."""

    def dispatch(self, kind: type) -> Callable[..., Found_co]:
        """The code for a class."""


def door(
    fits: Callable[..., object] | None = None, but: Collection[str] = ()
) -> Callable[[Callable[..., Found]], Door[Found]]:
    """`functools.singledispatch` for a `public` function; all arguments may be named."""

    def made(function: Callable[..., Found]) -> Door[Found]:
        generic = functools.singledispatch(function)

        @functools.wraps(function)
        def dispatched(what: Any, *given: Any, **named: Any) -> Found:
            return generic.dispatch(type(what))(what, *given, **named)

        asked = public(fits, but)(dispatched)
        for name in ("register", "dispatch", "registry"):
            setattr(asked, name, getattr(generic, name))
        return cast("Door[Found]", asked)

    return made


_NAMED = "condensekit", "nbformat", "sympy", "torch"
_SEVERAL = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD


_FAULTS = TypeError, ValueError, ArithmeticError, RuntimeError


class _Kind:
    """What an annotation allows: `words` for a sentence, and `take`, which raises what it may.

    Without words, `take` raises a sentence of its own; an `Unusable` is what
    follows the name in one.
    """

    def __init__(self, words: str, take: Callable[[Any], Any]) -> None:
        self.words, self.take = words, take

    def of(self, name: str, value: Any) -> Any:
        """`value` as it is taken; a ValueError if it is of another kind."""
        if not self.words:
            return self.take(value)
        try:
            return self.take(value)
        except Unusable as error:
            raise ValueError(f"{name}{error}") from None
        except _FAULTS:
            raise ValueError(f"{name} must be {self.words}, but is {quoted(value)}.") from None


@functools.cache
def _kinds(function: Callable[..., Any]) -> dict[str, _Kind]:
    """The kinds of arguments of a function; of those, about which its annotations say something."""
    parameters = inspect.signature(function).parameters
    try:
        told = get_type_hints(inspect.unwrap(function))
    except NameError:  # of a package that is imported when it is used
        told = {name: one.annotation for name, one in parameters.items()}
    alone = [name for name, one in parameters.items() if one.kind not in _SEVERAL]
    found = {name: _SHARED.get(name) or _kind(told[name]) for name in alone if name in told}
    return {name: kind for name, kind in found.items() if kind is not None}


def _kind(annotation: Any) -> _Kind | None:
    """What an annotation allows; None if it says nothing."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, TypeVar):
        members = annotation.__constraints__ or (annotation.__bound__ or Any,)
        return _either([_kind(member) for member in members])
    if origin in (Union, types.UnionType):
        if str in parts and any(get_origin(part) is os.PathLike for part in parts):
            parts = tuple(part for part in parts if part is not str)
        return _either([_kind(part) for part in parts])
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is dict and parts == (str, torch.Tensor):
        return _Kind("a dict of tensors by name", _tensors)
    if origin in (Sequence, Collection, Iterable, list):
        return _series(_kind(parts[0]))
    if origin is tuple and Ellipsis not in parts:
        return _fixed([_kind(part) for part in parts])
    if origin is Callable:
        return _Kind("a function", _callable)
    base = origin or annotation
    if base is os.PathLike:
        return _Kind("a path", _path)
    if base is torch.Tensor:
        return _Kind("a Tensor", _tensor)
    if base in (Mapping, dict):
        return _instance(Mapping, "a dict")
    if base is np.ndarray:
        return _Kind("an array of numbers", _numbers)
    if isinstance(base, type) and base.__module__.partition(".")[0] in _NAMED:
        article = "an" if base.__name__[0] in "AEIOU" else "a"
        return _instance(base, f"{article} {base.__name__}")
    return None


def _instance(base: type, words: str) -> _Kind:
    def take(value: Any) -> Any:
        if not isinstance(value, base):
            raise TypeError
        return value

    return _Kind(words, take)


def _either(kinds: list[_Kind | None]) -> _Kind | None:
    known = [kind for kind in kinds if kind is not None]
    if len(known) < len(kinds):
        return None

    def take(value: Any) -> Any:
        unfit: Unusable | None = None
        for kind in known:
            try:
                return kind.take(value)
            except _FAULTS as error:
                unfit = error if isinstance(error, Unusable) else unfit
        raise unfit or TypeError

    return _Kind(" or ".join(dict.fromkeys(kind.words for kind in known)), take)


def _series(of: _Kind | None) -> _Kind:
    def take(value: Any) -> Any:
        if isinstance(value, (str, bytes, Mapping)):
            raise TypeError
        listed = [*value]
        taken = listed if of is None else [of.take(one) for one in listed]
        kept = isinstance(value, Sequence) and all(map(operator.is_, taken, listed))
        return value if kept else taken

    words = "a list" if of is None else f"a list, of which each is {of.words}"
    return _Kind(words, take)


def _fixed(kinds: list[_Kind | None]) -> _Kind:
    def take(value: Any) -> Any:
        for kind, one in zip(kinds, value, strict=True):
            if kind is not None:
                kind.take(one)
        return value

    each = ", ".join("anything" if kind is None else kind.words for kind in kinds)
    return _Kind(f"{len(kinds)} things: {each}", take)


def _path(value: Any) -> Any:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError
    try:
        written = os.fsencode(value)
    except UnicodeEncodeError:  # half of a letter; in the locale C any letter but those of ASCII
        written = b"\0"
    if b"\0" in written:
        raise Unusable(f" must be a path with letters of this machine, but is {quoted(value)}.")
    return value


def _tensor(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        raise TypeError
    found = tensor_of(value, "")
    if not bool(found.isfinite().all()):
        raise Unusable(" must be finite: NaN or infinity is among the numbers.")
    return found


def _tensors(value: Any) -> Any:
    if not isinstance(value, dict) or not all(map(torch.is_tensor, value.values())):
        raise TypeError
    found = {name: tensor_of(leaf, f"[{name!r}]") for name, leaf in value.items()}
    whole = [name for name, leaf in found.items() if not leaf.is_floating_point()]
    return found | {name: found[name].to(torch.float64) for name in whole}


def _callable(value: Any) -> Any:
    if not callable(value):
        raise TypeError
    return value


def _numbers(value: Any) -> Any:
    array = real_numbers(value, "")
    if not array.ndim:
        raise TypeError
    return array


def _number(default: float) -> Callable[[Any], Any]:
    knob = Knob("", default)

    def take(value: Any) -> Any:
        if value != value:  # NaN; infinity is a matter of the range
            raise ValueError
        own = type(value) is type(default)
        found = value if own else knob.check(value)
        if isinstance(found, int) and abs(found) > _MOST:
            raise Unusable(f" must be a whole number from {-_MOST:,} to {_MOST:,}, but is larger.")
        return value if type(value) is int else found

    return take


_MOST = 2**63 - 1  # what NumPy and torch can count
_SHARED = {"seed": _Kind("", checked_seed)}  # the same range wherever it is asked for
_PLAIN = {
    bool: _Kind("True or False", Knob("", default=False).check),
    int: _Kind("a whole number", _number(0)),
    float: _Kind("a number", _number(0.0)),
    str: _instance(str, "a text"),
    type(None): _instance(type(None), "None"),
}
