"""B-scan images from a folder, here or in a bucket: a PNG for each B-scan, or one `.npz` with all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal

import numpy as np

from foveola import Fetcher, InputError
from foveola.archives import Archive
from foveola_oct.retina import BScanImages

BUCKETS = {"gcp": "gs", "azure_uae": "abfs"}
"""The protocol of each cloud: user guide, get_vessel_map."""
DRIVERS = {"gs": "gcsfs", "abfs": "adlfs"}
"""What reads a protocol; the extra `cloud` brings them."""
PROTOCOLS = ("file", "memory", "gs", "abfs")

IMAGE, ARCHIVE = ".png", ".npz"
ARRAY = "bscan_images"
"""The member of an `.npz` that holds the images, if it has several."""
FETCHED_AT_ONCE = 8
GREY = (np.dtype(np.uint8), np.dtype(np.uint16))


def read_images(
    input_bucket: str, input_location: str, input_bucket_cloud: Literal["gcp", "azure_uae"] = "gcp"
) -> np.ndarray:
    """Read the B-scans of an exam, in the natural order of their names: 2.png before 10.png.

    Args:
        input_bucket: a bucket of the cloud; or `file:`, `memory:` or another protocol and its path; or a path.
        input_location: the exam's folder in it, or its `.npz`; it may not lead out of the bucket.
        input_bucket_cloud: gcp or azure_uae; where the bucket is that says neither protocol nor path.

    Returns:
        [num_slices, pixel_image_height, pixel_image_width], 8 or 16 bit.

    Raises:
        InputError: no such folder, no images in it, one that is damaged, in colour, or of another size than the first;
            naming the field.
    """
    files = _fetch(_address(input_bucket, input_bucket_cloud), _inner_path(input_location))
    archives = [name for name in files if name.lower().endswith(ARCHIVE)]
    names = sorted((name for name in files if name.lower().endswith(IMAGE)), key=_natural)
    if archives and (names or len(archives) > 1):
        raise InputError("input_location", f"holds {archives[0]} besides other images; leave one kind")
    if archives:
        return _read_archive(archives[0], files[archives[0]])
    if not names:
        raise InputError("input_location", "holds no images: neither .png nor .npz")
    images = [_read_png(name, files[name]) for name in names]
    for name, image in zip(names, images, strict=True):
        if (image.shape, image.dtype) != (images[0].shape, images[0].dtype):
            raise InputError(
                "input_location", f"{name} is {_described(image)}, but {names[0]} is {_described(images[0])}"
            )
    return np.stack(images)


def _address(bucket: str, cloud: str) -> str:
    """The bucket as a URL."""
    if "::" in bucket or ".." in _parts(bucket):
        raise InputError("input_bucket", "may neither lead up with .. nor chain protocols with ::")
    if match := re.fullmatch(r"(\w{2,}):(?://)?(.*)", bucket):  # one letter is a drive
        protocol, path = match.groups()
        if protocol not in PROTOCOLS:
            raise InputError("input_bucket", f"has the protocol {protocol}, which is none of {', '.join(PROTOCOLS)}")
        return f"{protocol}://{path}"
    if {"/", "\\"} & set(bucket):  # no bucket's name has one
        return f"file://{bucket}"
    if not re.fullmatch(r"\w[\w.@-]*", bucket):  # Azure's may be followed by @ and the account
        raise InputError("input_bucket", "is neither a bucket's name nor a path")
    if cloud not in BUCKETS:
        raise InputError("input_bucket_cloud", f"is {cloud!r}, none of {', '.join(BUCKETS)}")
    return f"{BUCKETS[cloud]}://{bucket}"


def _inner_path(location: str) -> str:
    if "::" in location or "://" in location or ".." in _parts(location):
        raise InputError("input_location", "must lie in the bucket: no .., no protocol")
    return "/".join(part for part in _parts(location) if part not in {"/", "\\", "."})


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(PureWindowsPath(path).as_posix()).parts


def _fetch(address: str, location: str) -> Mapping[str, bytes]:
    """The contents of the images in a folder, or of a file, by name."""
    import fsspec  # noqa: PLC0415  only who reads images pays for it

    protocol = address.partition(":")[0]
    try:
        system, root = fsspec.url_to_fs(address, use_listings_cache=False)  # slices may still be arriving
    except ValueError as error:
        raise InputError("input_bucket", f"{protocol}: cannot be opened: {type(error).__name__}") from error
    except ImportError:
        raise InputError(
            "input_bucket_cloud", f"{protocol}: needs {DRIVERS.get(protocol, protocol)}: pip install 'foveola[cloud]'"
        ) from None
    folder = f"{root.rstrip('/')}/{location}".rstrip("/")
    try:
        paths = [folder] if system.isfile(folder) else system.ls(folder, detail=False)
        wanted = [path for path in paths if path.lower().endswith((IMAGE, ARCHIVE))]
        with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:  # a bucket is far away
            return {
                PurePosixPath(path).name: content
                for path, content in zip(wanted, pool.map(system.cat_file, wanted), strict=True)
            }
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError("input_location", "there is no such folder or file in the bucket") from error
    except Exception as error:  # noqa: BLE001  each driver has its own word for a cloud that does not answer
        cause = error if isinstance(error, ValueError) else ConnectionError(error)
        raise InputError("input_location", f"cannot be read: {type(error).__name__}") from cause


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers in a name by their value.

    >>> sorted(["b10.png", "b2.png"], key=_natural)
    ['b2.png', 'b10.png']
    """
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def _read_png(name: str, content: bytes) -> np.ndarray:
    import cv2  # noqa: PLC0415  only who reads images pays for it

    try:
        image: Any = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if content else None
    except cv2.error:  # it declares more pixels than any image has
        image = None
    if image is None or image.dtype not in GREY:
        raise InputError("input_location", f"{name} is no image of 8 or 16 bit, or damaged")
    if image.ndim > 2:  # noqa: PLR2004  rows, columns
        if (image[..., :3] != image[..., :1]).any():
            raise InputError("input_location", f"{name} is in colour; B-scans are grey")
        image = image[..., 0]
    return np.asarray(image)


def _read_archive(name: str, content: bytes) -> np.ndarray:
    try:
        archive = Archive(BytesIO(content))
        members = list(archive)
        if ARRAY not in members and len(members) != 1:
            raise InputError("input_location", f"{name} has no member {ARRAY}")
        images = np.asarray(archive[ARRAY if ARRAY in members else members[0]])
    except ValueError as error:
        raise InputError("input_location", f"{name} {error}") from None
    images = images.astype(images.dtype.newbyteorder("="), copy=False)
    if images.ndim != 3 or images.size == 0 or images.dtype not in GREY:  # noqa: PLR2004  slices, rows, columns
        raise InputError(
            "input_location", f"{name} holds {_described(images)}, not [slices, rows, columns] of 8 or 16 bit"
        )
    return images


def _described(image: np.ndarray) -> str:
    return f"{' x '.join(map(str, image.shape))} {image.dtype}"


IMAGES = Fetcher(BScanImages, read_images)
