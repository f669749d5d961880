"""Files of numbers as programs and people write them: read rightly, or refused with what to do."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from condensekit.problems import OwnData, own_data, read_csv

LINE = ((0.0, 1.0), (1.0, 2.0))
COMMA = ((0.5, 1.25), (1.5, 2.0))


def written(folder, content):
    file = folder / "data.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


READ = {
    "decimal commas, semicolons": ("0,5;1,25\n1,5;2\n", COMMA),
    "decimal commas, tabs": ("0,5\t1,25\n1,5\t2\n", COMMA),
    "decimal commas, spaces": ("0,5 1,25\n1,5 2\n1 1\n", (*COMMA, (1.0, 1.0))),
    "decimal commas, quoted": ('"0,5","1,25"\n"1,5","2"\n', COMMA),
    "decimal commas, three digits": ("0,125;1,25\n1,500;2\n", ((0.125, 1.25), (1.5, 2.0))),
    "whole and decimal comma": ("0;1,5\n1;2,5\n", ((0.0, 1.5), (1.0, 2.5))),
    "sep=;": ("sep=;\nx;y\n0;1\n1;2\n", LINE),
    "sep=; and decimal commas": ("sep=;\r\n0,5;1,25\r\n1,5;2\r\n", COMMA),
    "sep=|, quoted": ('"SEP=|"\n0|1\n1|2\n', LINE),
    "comments": ("# a\n# b;c\nx,y\n# d\n0,1\n1,2\n# end", LINE),
    "names in brackets": ("[s],[m]\n0,1\n1,2\n", LINE),
    "names of means": ("<x>,<y>\n0,1\n1,2\n", LINE),
    "names in braces": ("{x};{y}\n0;1\n1;2\n", LINE),
    "names in a comment": ("# x y\n0 1\n1 2\n", LINE),
    "Latin-1 names": ("Größe;Länge\n0;1\n1;2\n".encode("latin-1"), LINE),
    "Latin-1 comment": ("# für mich\n0;1\n1;2\n".encode("latin-1"), LINE),
    "UTF-8 names": ("Größe;Länge\n0;1\n1;2\n", LINE),
    "UTF-8 with a mark": ("\ufeffx,y\n0,1\n1,2\n", LINE),
    "UTF-16": ("Größe\ty\r\n0\t1\r\n1\t2\r\n".encode("utf-16"), LINE),
    "UTF-16, big-endian": ("\ufeffx,y\n0,1\n1,2\n".encode("utf-16-be"), LINE),
    "UTF-32": ("x,y\n0,1\n1,2\n".encode("utf-32"), LINE),
    "separators at the end": ("x,y,\n0,1,\n1,2,\n", LINE),
    "separators at the end of rows": ("x,y\n0,1,,\n1,2,,\n", LINE),
    "tabs, Windows, blank lines": ("x\ty\r\n0\t1\r\n\r\n  \r\n1\t2\r\n\r\n", LINE),
    "old line ends": ("x,y\r0,1\r1,2\r", LINE),
    "rows of separators": ("x,y\n0,1\n,\n1,2\n,\n", LINE),
    "quoted numbers": ('"x";"y"\n"0";"1"\n"1";"2"\n', LINE),
    "a separator in a name": ('"x, in m",y\n0,1\n1,2\n', LINE),
    "a semicolon in a name": ("x;m,y\n0,1\n1,2\n", LINE),
    "a line break in a name": ('"x\nm",y\n0,1\n1,2\n', LINE),
    "a Windows line break in a name": ('y,"x\r\n\r\nm"\r\n0,1\r\n1,2\r\n', LINE),
    "spaces": ("  0   1 \n 1   2\n", LINE),
    "names with spaces": ("time (s) value\n0 1\n1 2\n", LINE),
    "a name that begins with a digit": ("2theta,y\n0,1\n1,2\n", LINE),
    "commas and spaces": ("x , y\n0 , 1\n1 , 2\n", LINE),
    "no-break spaces around": ("\u00a00,1\u00a0\n1,2\n", LINE),
    "signs and powers": ("+.5,1.25e0\n1.5,+2.\n-3E-1,0\n", (*COMMA, (-0.3, 0.0))),
    "a true minus": ("\u22120.5,1\n1,2\n", ((-0.5, 1.0), (1.0, 2.0))),
    "commas are separators": ("1,234\n2,345\n", ((1.0, 234.0), (2.0, 345.0))),
    "three columns": ("a;b;y\n0,5;3;1\n1,5;4;2\n", ((0.5, 3.0, 1.0), (1.5, 4.0, 2.0))),
}

REFUSED = {
    "empty": ("", "data.csv is empty."),
    "comments alone": ("# a\n\n# b\n", "data.csv is empty."),
    "one row": ("x,y\n0,1\n", "data.csv has 1 row of numbers; at least 2 are needed."),
    "one column": ("0\n1\n2\n", "line 1: at least two columns .* semicolons, tabs, commas"),
    "bars": ("0|1\n1|2\n", "line 1: at least two columns"),
    "a title": ("Title\nx,y\n0,1\n1,2\n", "line 2: 'x' .*a comment begins with #"),
    "a longer title": ("Measured\non Monday\n0,1\n1,2", "line 2: .*a comment begins with #"),
    "a title of one": ("Title\n0,1\n1,2\n", "line 1: 1 name, but there are 2 columns: name each"),
    "too many names": ("a,b,y\n0,1\n1,2\n", "line 1: 3 names, but there are 2 columns"),
    "no labels": ("a,b,y\n0,1,\n1,2,\n", "line 1: 3 names, but there are 2 columns"),
    "a comment behind": ("0,1\n1,2 # late\n", "line 2: '2 # late' .*a line of its own"),
    "pandas writes its index": (",x,y\n0,0,1\n1,1,2\n", "line 1: the first column has no name"),
    "pandas writes a series": (",0\n0,1.5\n1,2.5\n", "line 1: the first column has no name"),
    "pandas reads and writes": ("Unnamed: 0,y\n0,1\n1,2\n", r"line 1: .*index=False"),
    "R writes row names": ("x y\n1 0 1\n2 1 2\n", "line 1: 2 names, but there are 3 columns"),
    "thousands or decimals": ("1,234;5\n2,345;6\n", "line 1: '1,234' may have a decimal comma"),
    "thousands or decimals, quoted": ('0,1\n"1,234",2\n', "line 2: '1,234' may have a decimal"),
    "thousands and decimals": ('"1,234.5";7\n2;3\n', "line 1: '1,234.5' .*separators of thou"),
    "German thousands": ("1.234,5;7\n2;3\n", "line 1: '1.234,5' .*leave out separators of thou"),
    "millions": ("0;1\n1,234,567;7\n", "line 2: '1,234,567' .*separators of thousands"),
    "thousands with spaces": ("1 234;5\n2;6\n", "line 1: '1 234' .*separators of thousands"),
    "thousands, no-break": ("1\u00a0234;5\n2;6\n", "line 1: .*separators of thousands"),
    "thousands, Swiss": ("1'234;5\n2;6\n", "line 1: .*separators of thousands"),
    "thousands of Python": ("1_000,5\n2,6\n", "line 1: '1_000' .*separators of thousands"),
    "1_0": ("0,1_0\n1,2\n", "line 1: '1_0' .*write decimal digits"),
    "0x10": ("0,0x10\n1,2\n", "line 1: '0x10' .*write decimal digits"),
    "digits of others": ("\uff10,1\n1,2\n", "line 1: '\uff10' is not a finite number"),
    "points and commas": ("0.5;1\n1,5;2\n", "line 1: '0.5' has a decimal point, but '1,5' in"),
    "commas for all": ("0,5 1,5\n1,5 2,5\n", "line 1: '5 1' .*decimal commas, separate columns"),
    "missing": ("x,y\n0,1\n1,\n2,3\n", "line 3: the value in column 2 is missing"),
    "missing, tabs": ("0\t1\n\t2\n", "line 2: the value in column 1 is missing"),
    "NA": ("x,y\n0,1\nNA,2\n", "line 3: 'NA' .*leave out the line"),
    "all NaN": ("nan,nan\n0,1\n1,2\n", "line 1: 'nan' is not a finite number: leave out the line"),
    "infinity": ("0,1\n1,-Infinity\n", "line 2: '-Infinity' .*leave out the line"),
    "too large": ("0,1\n1,1e400\n", "line 2: '1e400' .*too large"),
    "ragged": ("0,1\n1,2,3\n", "line 2: 3 columns, .* have 2. Columns are separated by commas"),
    "an end that is none": ("0,1\n1,2\nEnd of file\n", "line 3: 1 column, but"),
    "percent": ("x,y\n12%,1\n13%,2\n", "line 2: '12%' .*leave out the percent sign"),
    "percent at once": ("12%,5%\n13%,6%\n", "line 1: '12%' .*leave out the percent sign"),
    "a unit": ("x,y\n12 kg,1\n2,3\n", "line 2: '12 kg' .*leave out the unit"),
    "money": ("x;y\n€5;1\n€6;2\n", "line 2: '€5' .*leave out the unit"),
    "a date": ("2021-03-04,1\n2021-03-05,2\n", "line 1: '2021-03-04' .*dates and times"),
    "a time": ("12:30,1\n12:31,2\n", "line 1: '12:30' .*dates and times"),
    "words": ("x,y\n0,1\nblue,2\n", "line 3: 'blue' is not a finite number"),
    "switches": ("x,y\nTrue,1\nFalse,2\n", "line 2: 'True' .*write 1 and 0"),
    "Fortran": ("1.0D+03,1\n2,3\n", "line 1: '1.0D[+]03' .*with e, as 1e3"),
    "a name among numbers": ("x,1\n0,2\n", "line 1: 'x' .*names the columns holds no numbers"),
    "a quote that stays open": ('0,1\n"1,2\n3,4\n', "line 2: a quotation mark is opened"),
    "a field without an end": (f"0,{'1' * 200_000}\n1,2\n", "line 1: .*field limit"),
    "a number without an end": (f"0,{'1' * 100_000}\n1,2\n", r"line 1: '1{30}'… \(100,000 char"),
    "a NUL byte": ("0,1\n1\0,2\n", "line 2: there is a NUL byte.*UTF-8"),
    "UTF-16 without a mark": ("x,y\n0,1\n".encode("utf-16-le"), "line 1: there is a NUL byte"),
    "half of UTF-16": (b"\xff\xfe0", "data.csv is not a text file in UTF-8"),
    "Latin-1 among numbers": ("x;y\n5 €;1\n6 €;2\n".encode("cp1252"), "not a text file in UTF-8"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\xff", "Excel workbook.*save it as a text file"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook of before 2007"),
    "packed": (b"\x1f\x8b\x08\x00", "packed by gzip"),
    "a page": ("\n<!DOCTYPE html><table>", "is HTML or XML, not a table as text"),
    "JSON": ('[{"x": 1, "y": 2}]', "is JSON, not a table as text"),
    "an array": (b"\x93NUMPY\x01\x00", "is an array of NumPy"),
    "lists in JSON": ("[[1, 2], [3, 4]]", "is JSON, not a table as text"),
    "XML": ('<?xml version="1.0"?><row/>', "is HTML or XML, not a table as text"),
    "no letters": (b"\xff\xd8\xff\xe0\x00", "not a text file in UTF-8: save it as"),
    "the same everywhere": ("1,1\n1,2\n", "data.csv: All inputs are 1"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "rows"), READ.values(), ids=READ)
def test_a_file_with_one_meaning_is_read(tmp_path, content, rows):
    assert read_csv(written(tmp_path, content)) == own_data(
        [row[:-1] for row in rows], [row[-1] for row in rows]
    )


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED)
def test_any_other_file_is_refused_with_its_line_and_what_to_do(tmp_path, content, says):
    with pytest.raises(ValueError, match=says) as error:
        read_csv(written(tmp_path, content))
    assert str(error.value).startswith("data.csv")
    assert str(error.value).endswith(".")
    assert len(str(error.value)) < 250


def test_paths_that_are_no_files(tmp_path):
    with pytest.raises(ValueError, match=f"{tmp_path.name} is a folder"):
        read_csv(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "nothing.csv")
    with pytest.raises(ValueError, match="path must be the path of a file, but is None"):
        read_csv(None)


def test_columns_of_a_file_are_scaled(tmp_path):
    file = written(tmp_path, "0,1\n1,5\n2,3\n")
    assert read_csv(file, scale=True) == own_data([0, 1, 2], [1, 5, 3], scale=True)


ANY = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(
    rows=st.lists(st.tuples(ANY, ANY), min_size=2, max_size=6, unique_by=lambda row: row[0]),
    separator=st.sampled_from([",", ";", "\t", " "]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    names=st.sampled_from(["", "x{}y", '"x"{}"y"', "größe{}y"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoted=st.booleans(),
)
def test_what_is_written_is_read_to_the_last_bit(
    tmp_path_factory, rows, separator, end, names, encoding, quoted
):
    xs = [x for x, _ in rows]
    assume(max(xs) - min(xs) < math.inf)  # else it is refused, as any own data are
    cell = '"{!r}"' if quoted else "{!r}"
    lines = [names.format(separator)] if names else []
    lines += [cell.format(x) + separator + cell.format(y) for x, y in rows]
    file = tmp_path_factory.getbasetemp() / "data.csv"
    file.write_bytes(end.join(lines).encode(encoding))
    assert read_csv(file) == own_data(*zip(*rows, strict=True))
    if separator in ";\t":
        halves = [(round(x, 1) if abs(x) < 1e9 else 0.5, 0.5) for x, _ in rows] + [(-7.5, 1.5)]
        text = end.join(f"{x!r}{separator}{y!r}" for x, y in halves).replace(".", ",")
        if "e" not in text:
            file.write_text(text, newline="")
            assert read_csv(file) == own_data(*zip(*halves, strict=True))


@given(
    base=st.sampled_from([content for content, _ in [*READ.values(), *REFUSED.values()]]),
    at=st.integers(0, 60),
    new=st.binary(max_size=3) | st.sampled_from([b'"', b",", b";", b"\n", b"#", b"\0", b"\xff"]),
)
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, base, at, new):
    raw = (base if isinstance(base, bytes) else base.encode())[:2_000]
    file = written(tmp_path_factory.getbasetemp(), raw[:at] + new + raw[at + 1 :])
    try:
        found = read_csv(file)
    except ValueError as error:
        found = str(error)
    assert isinstance(found, OwnData) or found.startswith("data.csv")
