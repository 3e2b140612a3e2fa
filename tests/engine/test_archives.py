"""Arrays in `.npz` files: read one by one, never unpickled, and refused with a sentence where they are damaged."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from numpy.lib import format as npy

from foveola.archives import Archive, join, load, write_archive


@pytest.fixture
def file():
    """An archive of two arrays."""
    buffer = BytesIO()
    write_archive(buffer, {"maps/rnfl": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "bc"])})
    return buffer


def npy_bytes(array, **options):
    """An array as `np.save` writes it."""
    buffer = BytesIO()
    npy.write_array(buffer, array, **options)
    return buffer.getvalue()


def archive_of(**members):
    """An archive of members, as they are."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return Archive(buffer)


def test_arrays_come_back_by_path(file):
    """Paths are the keys; numbers come as arrays that cannot be written, text as a list."""
    archive = Archive(file)
    assert list(archive) == ["maps/rnfl", "names"]
    np.testing.assert_array_equal(archive["maps/rnfl"], [[0, 1, 2], [3, 4, 5]])
    assert not archive["maps/rnfl"].flags.writeable
    assert archive["names"] == ["a", "bc"]
    with pytest.raises(KeyError):
        archive["other"]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(4, dtype=np.uint16),
        np.array([True, False]),
        np.array([0.1, np.nan, -np.inf], dtype=">f4"),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.empty((0, 3, 2)),
    ],
    ids=["16 bit", "bool", "big-endian", "column-major", "empty"],
)
def test_every_kind_of_number_comes_back_as_it_was(array):
    """Neither type nor shape nor a bit is lost."""
    buffer = BytesIO()
    write_archive(buffer, {"array": array})
    back = Archive(buffer)["array"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("value", [25, 0.5, True, "OD"])
def test_a_single_value_comes_as_itself(value):
    """An array without axes is its value."""
    buffer = BytesIO()
    write_archive(buffer, {"value": np.array(value)})
    back = Archive(buffer)["value"]
    assert back == value
    assert type(back) is type(value)


def test_the_same_arrays_give_the_same_bytes():
    """Nothing of the time or the place of writing is in the file."""
    first, second = BytesIO(), BytesIO()
    for buffer in (first, second):
        write_archive(buffer, {"a": np.arange(3)})
    assert first.getvalue() == second.getvalue()


def test_numpy_reads_and_writes_the_same_files(tmp_path, file):
    """The files are numpy's, compressed or not."""
    with np.load(BytesIO(file.getvalue())) as archive:
        np.testing.assert_array_equal(archive["maps/rnfl"], [[0, 1, 2], [3, 4, 5]])
    np.savez_compressed(tmp_path / "a.npz", zeros=np.zeros((30, 40)))
    np.testing.assert_array_equal(Archive(tmp_path / "a.npz")["zeros"], np.zeros((30, 40)))


def test_nothing_is_unpickled():
    """What a pickle would do is not done."""
    archive = archive_of(**{"a.npy": npy_bytes(np.array([print, None], dtype=object))})
    with pytest.raises(ValueError, match="member 'a' holds Python objects, which are never unpickled"):
        archive["a"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (npy_bytes(np.array([1j])), "holds complex128, neither numbers nor text"),
        (npy_bytes(np.zeros(1, "M8[s]")), r"holds datetime64\[s\], neither numbers nor text"),
        (npy_bytes(np.zeros(2), version=(3, 0)), "is an array of the unknown form 3.0"),
        (npy_bytes(np.arange(1000.0))[:-8], "is damaged: it has 8120 bytes, its header declares 8128"),
        (npy_bytes(np.arange(3.0)).replace(b"(3,)", b"(9,)"), "is damaged: it has 152 bytes, its header declares 200"),
        (npy_bytes(np.zeros(1)).replace(b"(1,), }     ", b"(9999999999,)"), "is damaged"),
        (b"NUMPY", "is damaged: "),
        (b"", "is damaged: "),
    ],
    ids=["complex", "times", "form", "cut short", "lying header", "huge header", "no array", "empty"],
)
def test_refused_members_are_named(content, sentence):
    """A member that is no array of numbers or text, or contradicts itself, is refused by its name."""
    with pytest.raises(ValueError, match=f"^member 'maps/rnfl' {sentence}"):
        archive_of(**{"maps/rnfl.npy": content})["maps/rnfl"]


def test_a_flipped_bit_is_found(file):
    """The checksum is looked at, so that no wrong number is ever read."""
    content = bytearray(file.getvalue())
    content[content.index(np.float64(5.0).tobytes())] ^= 1
    archive = Archive(BytesIO(content))
    with pytest.raises(ValueError, match=r"^member 'maps/rnfl' is damaged: Bad CRC"):
        archive["maps/rnfl"]
    assert archive["names"] == ["a", "bc"]


def test_a_flipped_bit_is_found_in_a_compressed_file():
    """Likewise where it is compressed: wherever the bit, the numbers are right or refused."""
    expected = np.arange(40.0)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", npy_bytes(expected))
    refused = 0
    for place in range(35, buffer.getvalue().index(b"PK\1\2")):
        content = bytearray(buffer.getvalue())
        content[place] ^= 4
        try:
            np.testing.assert_array_equal(Archive(BytesIO(content))["a"], expected)
        except ValueError:
            refused += 1
    assert refused


@pytest.mark.parametrize("size", [0, 10, -1, -30])
def test_a_truncated_file_is_refused(file, size):
    """A file that ends too early is no archive."""
    with pytest.raises(ValueError, match=r"^is truncated or no \.npz file: "):
        Archive(BytesIO(file.getvalue()[:size]))


def test_members_that_are_no_arrays_are_refused():
    """What is not an array has no business in the file, and no array may be there twice."""
    with pytest.raises(ValueError, match=r"member 'notes.txt' is no array; those end in .npy"):
        archive_of(**{"notes.txt": b"hello"})
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", npy_bytes(np.zeros(1)))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.npy", npy_bytes(np.ones(1)))
    with pytest.raises(ValueError, match=r"member 'a.npy' is there 2 times"):
        Archive(buffer)


def test_arrays_stand_in_the_tree_at_their_paths(file):
    """A joined tree is the JSON with the arrays in it; the JSON itself is left as it was."""
    tree = {"maps": {"unit": "px", "rnfl": None}, "names": None}
    joined = join(tree, Archive(file))
    assert tree == {"maps": {"unit": "px", "rnfl": None}, "names": None}
    loaded = load(joined)
    assert loaded["names"] == ["a", "bc"]
    assert loaded["maps"]["unit"] == "px"
    np.testing.assert_array_equal(loaded["maps"]["rnfl"], [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"names": []}, "member 'names' is given already"),
        ({"maps": {"rnfl": 0}}, "member 'maps/rnfl' is given already"),
        ({"maps": [[1]]}, "member 'maps/rnfl': 'maps' is given already, as one value"),
    ],
    ids=["name", "inner", "outer"],
)
def test_what_is_given_twice_is_refused(file, tree, sentence):
    """A value is said once, in the JSON or as an array."""
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        join(tree, Archive(file))


def test_an_array_cannot_hold_others():
    """Neither can a path be an array and lead on."""
    array = npy_bytes(np.zeros(1))
    with pytest.raises(ValueError, match=r"^member 'a/b': 'a' is given already, as one value$"):
        join({}, archive_of(**{"a.npy": array, "a/b.npy": array}))
    with pytest.raises(ValueError, match=r"^member 'a' is given already$"):
        join({}, archive_of(**{"a/b.npy": array, "a.npy": array}))
