"""What may stand in the place of a good argument, and what must come of it; and what is around.

Each kind of value is either refused in a sentence, or gives what a clean value gives; a few may do
either. Nothing is ever dropped silently: no mask, no imaginary part, no unit of time.
"""

import contextlib
import dataclasses
import decimal
import fractions
import inspect
import itertools
import os
import random
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

REFUSED, EITHER = object(), object()


class Try(NamedTuple):
    """A value, and the clean one that must give the same; or `REFUSED`, or `EITHER`."""

    value: Any
    clean: Any


def kinds(good):
    """Values of all kinds for the place of a good one, by a name each."""
    if isinstance(good, bool):
        return _switches(good)
    if isinstance(good, (int, float)):
        return _numbers(good) | (_floats(good) if isinstance(good, float) else _wholes(good))
    if isinstance(good, np.ndarray):
        return _arrays(good, good)
    if isinstance(good, torch.Tensor):
        loosely = {name: _loosely(one) for name, one in _arrays(good, good.numpy()).items()}
        return loosely | _tensors(good.numpy())
    if isinstance(good, (list, tuple)) and good and all(type(one) in (int, float) for one in good):
        rows = _arrays(good, np.asarray(good))
        return {name: _loosely(one) for name, one in rows.items()}
    if isinstance(good, dict) and good and all(map(torch.is_tensor, good.values())):
        return _parameters(good)
    if isinstance(good, str):
        return _texts(good)
    return {}


def _loosely(one):
    """Another container of the same numbers may be refused where another is asked for."""
    sparse = isinstance(one.value, torch.Tensor) and one.value.layout is not torch.strided
    return Try(one.value, EITHER) if sparse or one.clean is not REFUSED else one


def _refused(**values):
    return {name.replace("_", " "): Try(value, REFUSED) for name, value in values.items()}


def _same(clean, **values):
    return {name.replace("_", " "): Try(value, clean) for name, value in values.items()}


def _switches(good):
    array = np.array(good)
    return _same(
        good,
        of_numpy=np.bool_(good),
        array_of_no_axis=array,
        tensor=torch.tensor(good),
        masked_nowhere=np.ma.array(good),
    ) | _refused(
        masked=np.ma.masked,
        masked_array=np.ma.array(good, mask=True),
        number=float(good),
        complex_number=complex(good),
        not_a_number=np.nan,
        text=str(good),
        array_of_one=np.array([good]),
        tensor_of_one=torch.tensor([good]),
    )


def _numbers(good):
    array = np.array(good)
    return _same(
        good,
        of_numpy=array[()],
        array_of_no_axis=array,
        tensor=torch.tensor(good, dtype=torch.float64 if isinstance(good, float) else torch.int64),
        masked_nowhere=np.ma.array(good),
        object_of_numpy=np.array(good, dtype=object),
    ) | _refused(
        masked=np.ma.masked,
        masked_array=np.ma.array(good, mask=True),
        complex_number=complex(good),
        complex_of_numpy=np.complex64(good),
        complex_tensor=torch.tensor(complex(good)),
        array_of_one=np.array([good]),
        tensor_of_one=torch.tensor([good]),
        text=str(good),
        text_of_numpy=np.str_(good),
        letters_as_bytes=b"1",
        not_a_number=np.nan,
        not_a_number_of_numpy=np.float32("nan"),
        tensor_without_a_number=torch.tensor(np.nan),
        minus_infinity=-np.inf,
        infinity_of_numpy=np.float64(np.inf),
        tensor_of_meta=torch.empty((), device="meta"),
        date=np.datetime64("2020-01-01"),
        date_in_nanoseconds=np.datetime64("2020-01-01", "ns"),
        span_of_time=np.timedelta64(3, "D"),
        nanoseconds=np.timedelta64(3, "ns"),
        too_large=10**400,
        too_long_to_be_written=-(10**5_000),
        switch_of_numpy=np.bool_(True),
        switch_as_tensor=torch.tensor(True),
    )


def _floats(good):
    return _same(
        good,
        tensor_with_gradient=torch.tensor(good, dtype=torch.float64, requires_grad=True),
        long_double=np.longdouble(good),
        decimal=decimal.Decimal(repr(good)),
        fraction=fractions.Fraction(good),
    )


def _wholes(good):
    return _same(good, of_16_bits=np.int16(good), tensor_of_8_bits=torch.tensor(good).char()) | (
        _refused(
            as_float=float(good),
            half=good + 0.5,
            tensor_of_floats=torch.tensor(float(good)),
            whole_as_decimal=decimal.Decimal(good),
        )
    )


def _at_first(array, value):
    changed = array.astype(np.float64)
    changed.flat[0] = value
    return changed


def _arrays(good, numbers):
    array = numbers.astype(np.float64)
    missing = array.astype(object)
    missing.flat[0] = None
    first = np.zeros(array.shape, bool)
    first.flat[0] = True
    fixed = array.copy()
    fixed.flags.writeable = False
    whole = np.array_equal(array, array.astype(np.int64))
    found = _same(
        good,
        copy=array,
        columns_first=np.asfortranarray(array),
        backwards=np.ascontiguousarray(array[::-1])[::-1],
        read_only=fixed,
        big_endian=array.astype(">f8"),
        long_double=array.astype(np.longdouble),
        masked_nowhere=np.ma.array(array),
        rows=array.tolist(),
    ) | _refused(
        masked=np.ma.array(array, mask=first),
        complex_numbers=array.astype(complex),
        complex_rows=[1j] * len(array),
        texts=array.astype(str),
        letters=["a"] * len(array),
        dates=array.astype("datetime64[D]"),
        missing=missing,
        not_a_number=_at_first(array, np.nan),
        infinity=_at_first(array, np.inf),
        no_axis=np.array(1.0),
        mapping={"x": 1.0},
        fields=np.array([(1.0, 2.0)], [("a", float), ("b", float)]),
    )
    found |= {"one more axis": Try(array[None], EITHER), "empty": Try(array[:0], EITHER)}
    if whole:
        found |= _same(good, whole_numbers=array.astype(np.int64), of_8_bits=array.astype(np.int8))
    return found | _tensors(numbers, good)


def _tensors(numbers, good=None):
    array = torch.tensor(numbers, dtype=torch.float64)
    clean = array if good is None else good
    rounded = array.bfloat16().double()
    half = rounded if good is None else rounded.numpy()
    return _same(
        clean,
        tensor=array.clone(),
        tensor_with_gradient=array.clone().requires_grad_(),
        negated_tensor=torch._neg_view(-array),
    ) | {
        "tensor of bfloat16": Try(array.bfloat16(), EITHER if isinstance(good, list) else half),
        **_refused(
            tensor_of_complex_numbers=array.to(torch.complex128),
            conjugate=(array + 1j).conj(),
            tensor_with_nan=torch.tensor(_at_first(numbers, np.nan)),
            tensor_of_meta=array.to("meta"),
            sparse_tensor=array.to_sparse(),
            tensor_of_no_axis=torch.tensor(1.0),
        ),
    }


def _parameters(good):
    name, *_ = good
    leaf = good[name]

    def other(found, clean=None):
        return Try({**good, name: found}, REFUSED if clean is None else {**good, name: clean})

    gradients = {key: value.clone().requires_grad_() for key, value in good.items()}
    spread = {key: value.repeat_interleave(2, -1)[..., ::2] for key, value in good.items()}
    broken = {}
    for what, value in (("a NaN in it", np.nan), ("an infinity in it", np.inf)):
        leaves = {**good, name: torch.tensor(_at_first(leaf.numpy(), value), dtype=leaf.dtype)}
        broken[what] = Try(leaves, EITHER)
    whole, rounded = (8 * leaf).to(torch.int64), leaf.bfloat16()
    return broken | {
        "with gradients": Try(gradients, good),
        "in pieces": Try(spread, good),
        "negated": other(torch._neg_view(-leaf), leaf),
        "whole numbers": other(whole, whole.double()),
        "of bfloat16": other(rounded, rounded.double()),
        "complex": other(leaf.to(torch.complex128)),
        "imaginary": other(leaf + 0.5j),
        "of meta": other(leaf.to("meta")),
        "sparse": other(leaf.to_sparse()),
        "an array": other(leaf.numpy()),
        "masked": other(np.ma.array(leaf.numpy(), mask=True)),
        "missing": other(None),
    }


def _texts(good):
    return _same(good, of_numpy=np.str_(good)) | {
        **_refused(letters_as_bytes=good.encode(), list_of_it=[good], number=1, missing=np.nan),
        "long": Try("x" * 100_000, EITHER),
        "NUL": Try("a\0", EITHER),
        "half of a letter": Try("\ud800", EITHER),
        "two lines": Try("nowhere/a\nb", EITHER),
        "empty": Try("", EITHER),
    }


# What comes of it --------------------------------------------------------------------------------


def told(value):
    """All that can be seen of a result, as values that can be compared."""
    if isinstance(value, torch.Tensor):
        assert not value.requires_grad, "a gradient is left"
        if value.is_meta or value.layout is not torch.strided:
            return repr(value)
        numbers = value.double() if value.dtype is torch.bfloat16 else value
        return "tensor", str(value.dtype), told(numbers.resolve_conj().resolve_neg().numpy())
    if isinstance(value, np.ma.MaskedArray):
        return "masked", told(value.data), told(np.ma.getmaskarray(value))
    if isinstance(value, np.ndarray):
        content = value.tolist() if value.dtype.hasobject else value.tobytes()
        return value.dtype.str, value.shape, repr(content) if value.dtype.hasobject else content
    if isinstance(value, np.generic):  # which NumPy writes as it is set to
        return value.dtype.str, repr(value.item())
    if isinstance(value, int):
        return hex(value)  # of any length
    if isinstance(value, dict):
        return [(told(key), told(one)) for key, one in value.items()]
    if isinstance(value, (list, tuple)):
        return [told(one) for one in value]
    if inspect.isgenerator(value):
        found = told([*itertools.islice(value, 1)])  # how many follow may depend on the clock
        value.close()
        return found
    if hasattr(value, "data_vars"):  # the table of a sweep; it says when it was made
        return [(name, told(value[name].values)) for name in value.data_vars]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [one.name for one in dataclasses.fields(value) if one.compare or one.repr]
        return type(value).__name__, [(one, told(getattr(value, one))) for one in fields]
    return re.sub(r"0x[0-9a-f]+|\d+\.\d+ seconds", "", repr(value))


def around():
    """What a call may not change: generators, what was set, the folder."""
    files = sorted((str(path), path.stat().st_size) for path in Path().rglob("*"))
    return [
        torch.random.get_rng_state().tolist(),
        told(np.random.get_state()),  # noqa: NPY002  it is this one that nobody may touch
        random.getstate(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        np.geterr(),
        np.get_printoptions(),
        os.getcwd(),  # noqa: PTH109
        os.umask(os.umask(0o022)),
        files,
    ]


@contextlib.contextmanager
def nothing_changes(*given):
    """Fails if a generator, a setting, a file or one of the `given` is another one afterwards."""
    seen, before = _inside(given), around()
    yield
    assert around() == before, "something around has changed"
    assert _inside(given) == seen, "what was given has changed"


def _inside(given):
    """What was given; of tensors with gradients the numbers, and that they have no gradient."""
    found = []
    for value in given:
        leaves = value.values() if isinstance(value, dict) else [value]
        for leaf in leaves:
            if isinstance(leaf, torch.Tensor) and leaf.requires_grad:
                assert leaf.grad is None
                leaf = leaf.detach()  # noqa: PLW2901
            found.append(told(leaf))
    return found
