"""Laws over wide families: a few entries for every `make test`, all of them for `make test-all`."""

import itertools

import pytest


def crossed(arguments, *tables):
    """Run a law over all combinations of entries; over most of them in `make test-all` alone.

    `make test` takes as many as show every entry of every table: the first ones, the second ones,
    and so on, a shorter table again from its start.
    """
    often = {tuple(k % len(table) for table in tables) for k in range(max(map(len, tables)))}
    rows = [
        _row(place, tables, place in often)
        for place in itertools.product(*(range(len(table)) for table in tables))
    ]
    return pytest.mark.parametrize(arguments, rows)


def _row(place, tables, often):
    """One combination; an entry of a dictionary has its name, another one says itself."""
    names, values = [], []
    for k, table in zip(place, tables, strict=True):
        name = [*table][k]
        names.append(getattr(name, "__name__", str(name)))
        values.append(table[name] if isinstance(table, dict) else name)
    return _entry(values, "-".join(names), often)


def sparsely(values, every):
    """All values for a law, of which `make test` takes one of so many, beginning with the first."""
    named = values.items() if isinstance(values, dict) else ((None, value) for value in values)
    return [
        _entry(value if isinstance(value, tuple) else (value,), name, k % every == 0)
        for k, (name, value) in enumerate(named)
    ]


def _entry(values, name, often):
    return pytest.param(*values, id=name, marks=() if often else pytest.mark.slow)
