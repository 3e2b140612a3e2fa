"""B-scan images from folders and buckets: order, formats, addresses, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from struct import pack
from typing import Any
from zipfile import ZipFile
from zlib import compress, crc32

import cv2
import fsspec
import numpy as np
import pytest

from foveola import InputError
from foveola_oct.readers.image_folder import read_images


def png(image: np.ndarray) -> bytes:
    """An image as the bytes of a PNG."""
    return bytes(cv2.imencode(".png", image)[1].tobytes())


def slices(count: int, shape: tuple[int, int] = (6, 9), dtype: Any = np.uint8) -> np.ndarray:
    """Images that differ: slice k is k throughout, its first pixel 200."""
    images = np.broadcast_to(np.arange(count, dtype=dtype)[:, None, None], (count, *shape)).copy()
    images[:, 0, 0] = 200
    return images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exam of twelve slices, named 0.png to 11.png, with other files beside them."""
    exam = tmp_path / "exams" / "one"
    exam.mkdir(parents=True)
    for index, image in enumerate(slices(12)):
        (exam / f"slice_{index}.{'PNG' if index == 3 else 'png'}").write_bytes(png(image))
    (exam / "exam.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("bucket", ["{}", "file:{}", "file://{}", "{}/"])
@pytest.mark.parametrize("location", ["exams/one", "/exams/one/", "./exams/./one"])
def test_folder_in_natural_order(folder: Path, bucket: str, location: str) -> None:
    """Slice 10 comes after slice 9; other files are left alone; the address may be written in several ways."""
    images = read_images(bucket.format(folder), location)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, slices(12))


def test_relative_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path with a separator is a folder here, not a bucket."""
    monkeypatch.chdir(folder)
    assert read_images("./exams", "one").shape == (12, 6, 9)


def test_the_location_may_be_empty(folder: Path) -> None:
    """The bucket may be the exam's folder itself."""
    assert read_images(str(folder / "exams" / "one"), "").shape == (12, 6, 9)


@pytest.mark.parametrize("bucket", ["memory:bucket", "memory://bucket", "memory:/bucket"])
def test_memory(bucket: str) -> None:
    """A bucket in memory is read as one far away."""
    system = fsspec.filesystem("memory")
    for index, image in enumerate(slices(3)):
        system.pipe(f"/bucket/exam/{index}.png", png(image))
    try:
        np.testing.assert_array_equal(read_images(bucket, "exam"), slices(3))
    finally:
        system.rm("/bucket", recursive=True)


@pytest.mark.parametrize(("cloud", "protocol"), [("gcp", "gs"), ("azure_uae", "abfs")])
def test_clouds(cloud: str, protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain name is a bucket of the cloud, `gs` for gcp, `abfs` for azure_uae, and is listed anew each time."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def url_to_fs(address: str, **options: Any) -> tuple[Any, str]:
        asked.append((address, options))
        return fsspec.filesystem("memory"), "/nowhere"

    monkeypatch.setattr(fsspec, "url_to_fs", url_to_fs)
    with pytest.raises(InputError, match="no such folder"):
        read_images("bucket", "exam", cloud)
    assert asked == [(f"{protocol}://bucket", {"use_listings_cache": False})]


@pytest.mark.parametrize(("cloud", "driver"), [("gcp", "gcsfs"), ("azure_uae", "adlfs")])
def test_missing_driver_is_named(cloud: str, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra `cloud` the error says what to install."""

    def url_to_fs(_: str, **_options: Any) -> Any:
        raise ImportError

    monkeypatch.setattr(fsspec, "url_to_fs", url_to_fs)
    with pytest.raises(InputError) as error:
        read_images("bucket", "exam", cloud)
    assert error.value.field == "input_bucket_cloud"
    assert driver in str(error.value)
    assert "foveola[cloud]" in str(error.value)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("members", [("bscan_images",), ("volume",), ("bscan_images", "other")])
def test_archive(tmp_path: Path, dtype: Any, members: tuple[str, ...]) -> None:
    """One `.npz` holds all slices, under the exam's name or alone; its path may be the location."""
    images = slices(5, dtype=dtype)
    np.savez_compressed(tmp_path / "images.npz", **dict.fromkeys(members, images))
    for location in ("", "images.npz"):
        np.testing.assert_array_equal(read_images(str(tmp_path), location), images)


def test_depth_is_kept(tmp_path: Path) -> None:
    """16 bit stay 16 bit; grey that was written as colour is grey again."""
    deep = slices(2, dtype=np.uint16) * 300
    for index, image in enumerate(deep):
        (tmp_path / f"{index}.png").write_bytes(png(image))
    np.testing.assert_array_equal(read_images(str(tmp_path), ""), deep)
    for index, image in enumerate(slices(2)):
        (tmp_path / f"{index}.png").write_bytes(png(np.dstack([image] * 3 + [np.full_like(image, 255)])))
    np.testing.assert_array_equal(read_images(str(tmp_path), ""), slices(2))


@pytest.mark.parametrize(
    ("bucket", "location", "cloud", "field"),
    [
        ("{}", "../other", "gcp", "input_location"),
        ("{}", "exams/../../other", "gcp", "input_location"),
        ("{}", "exams\\..\\..\\other", "gcp", "input_location"),
        ("{}", "http://elsewhere/exam", "gcp", "input_location"),
        ("{}", "simplecache::exam", "gcp", "input_location"),
        ("{}", "nowhere", "gcp", "input_location"),
        ("{}", "exams", "gcp", "input_location"),
        ("{}", "exams/one/exam.json", "gcp", "input_location"),
        ("{}", "exams\0", "gcp", "input_location"),
        ("{}/../..", "exam", "gcp", "input_bucket"),
        ("simplecache::file://{}", "exam", "gcp", "input_bucket"),
        ("http://elsewhere", "exam", "gcp", "input_bucket"),
        ("s3:bucket", "exam", "gcp", "input_bucket"),
        ("", "exam", "gcp", "input_bucket"),
        ("\0", "exam", "gcp", "input_bucket"),
        ("two words", "exam", "gcp", "input_bucket"),
        ("bucket", "exam", "aws", "input_bucket_cloud"),
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(
    folder: Path, bucket: str, location: str, cloud: str, field: str
) -> None:
    """No way up, no other protocol, no chain of them, nothing that is not there; the error names the part."""
    with pytest.raises(InputError) as error:
        read_images(bucket.format(folder), location, cloud)
    assert error.value.field == field


def _truncate(exam: Path) -> None:
    path = exam / "slice_5.png"
    path.write_bytes(path.read_bytes()[:-10])


def _resize(exam: Path) -> None:
    (exam / "slice_5.png").write_bytes(png(np.zeros((6, 10), np.uint8)))


def _deepen(exam: Path) -> None:
    (exam / "slice_5.png").write_bytes(png(np.zeros((6, 9), np.uint16)))


def _colour(exam: Path) -> None:
    (exam / "slice_5.png").write_bytes(png(np.arange(6 * 9 * 3, dtype=np.uint8).reshape(6, 9, 3)))


def _empty(exam: Path) -> None:
    (exam / "slice_5.png").write_bytes(b"")


def _mix(exam: Path) -> None:
    np.savez(exam / "slice_5.npz", bscan_images=slices(3))


def _inflate(exam: Path) -> None:
    """A PNG whose header declares 10^10 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", crc32(kind + content))

    header = chunk(b"IHDR", pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", compress(bytes(100))) + chunk(b"IEND", b"")
    (exam / "slice_5.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + body)


@pytest.mark.parametrize("damage", [_truncate, _resize, _deepen, _colour, _empty, _inflate])
def test_damaged_slices_are_named(
    folder: Path, damage: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    """A truncated, a coloured, a larger, a deeper, an empty, an endless image: the error says which one."""
    damage(folder / "exams" / "one")
    with pytest.raises(InputError, match=r"slice_5\.png") as error:
        read_images(str(folder), "exams/one")
    assert error.value.field == "input_location"
    capfd.readouterr()  # what libpng has to say


def test_two_kinds_of_images_are_refused(folder: Path) -> None:
    """Which of them is the exam nobody said."""
    _mix(folder / "exams" / "one")
    with pytest.raises(InputError, match="leave one kind"):
        read_images(str(folder), "exams/one")


@pytest.mark.parametrize(
    "arrays",
    [
        {"bscan_images": np.zeros((3, 4), np.uint8)},
        {"bscan_images": np.zeros((0, 4, 5), np.uint8)},
        {"bscan_images": np.zeros((3, 4, 5))},
        {"bscan_images": np.array([{}, {}], dtype=object)},
        {"one": np.zeros((3, 4, 5), np.uint8), "other": np.zeros((3, 4, 5), np.uint8)},
        {},
    ],
    ids=["one image", "no slice", "floats", "objects", "two arrays", "nothing"],
)
def test_archives_without_images_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Other shapes, other numbers, pickled objects: an error, and nothing is unpickled."""
    np.savez(tmp_path / "exam.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(InputError) as error:
        read_images(str(tmp_path), "exam.npz")
    assert error.value.field == "input_location"


def test_truncated_archive_is_refused(tmp_path: Path) -> None:
    """Half a file is no archive."""
    np.savez(tmp_path / "exam.npz", bscan_images=slices(5))
    path = tmp_path / "exam.npz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=r"exam\.npz is truncated"):
        read_images(str(tmp_path), "")


def test_archive_that_declares_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    """Terabytes in the header of an array are not asked of the memory."""
    header = BytesIO()
    declared = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6, 10)}
    np.lib.format.write_array_header_1_0(header, declared)
    with ZipFile(tmp_path / "exam.npz", "w") as archive:
        archive.writestr("bscan_images.npy", header.getvalue())
    with pytest.raises(InputError, match="its header declares") as error:
        read_images(str(tmp_path), "")
    assert error.value.field == "input_location"


def test_order_of_bytes_does_not_matter(tmp_path: Path) -> None:
    """16 bit are 16 bit, whichever byte comes first."""
    images = slices(3, dtype=np.uint16) * 300
    np.savez(tmp_path / "exam.npz", images.astype(">u2"))
    read = read_images(str(tmp_path), "")
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, images)


def test_cloud_that_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure without an account: the driver's complaint, which may name secrets, stays out of the sentence."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("unable to connect with key=secret")

    monkeypatch.setattr("fsspec.url_to_fs", refuse)
    with pytest.raises(InputError, match=r"abfs: cannot be opened: ValueError$") as error:
        read_images("scans", "exam", "azure_uae")
    assert error.value.field == "input_bucket"
