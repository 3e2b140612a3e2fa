"""What is fetched over HTTP: images in buckets of the allow-list, of this disk and of clouds' real emulators."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import fsspec
import orjson
import pytest
from starlette.testclient import TestClient

from foveola.registry import Registry
from foveola.surfaces.serve.app import create_app
from foveola.surfaces.serve.bodies import JSON
from foveola.surfaces.serve.settings import Settings
from foveola.surfaces.serve.work import Desk, Job
from foveola.values import json_bytes

from .conftest import HERE, wait_for

SCAN = {
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "TOP_BOTTOM",
    "pixel_direction": "LEFT_RIGHT",
    "pixel_spacing_column": 0.7,
    "slice_thickness": 0.5,
}
PATHS = ("get_vessel_map", "get_vessel_map_img_space")
VESSELS = Job("operation", "get_vessel_map", content_type=JSON)
IN_THE_MIDDLE = {"get_vessel_map": {}, "get_vessel_map_img_space": {"exam_center_coordinate_xz": [4, 6]}}
AZURITE = shutil.which("azurite-blob", path=Path(__file__).parents[3] / "node" / "node_modules" / ".bin")
pytestmark = [  # of the emulators
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # the emulator's own


def serving(*buckets: str) -> TestClient:
    """A client of a service of everything that is installed, which may read some buckets."""
    settings = Settings(workers=1, buckets=buckets)
    return TestClient(create_app(settings, log=lambda _entry: None), base_url=HERE)


def asked(bucket: str, location: str = "one", **further: Any) -> dict[str, Any]:
    """A query for the vessel map of an exam in a bucket."""
    return {"input_bucket": bucket, "input_location": location, **SCAN, **further}


@pytest.fixture
def images(folder_of_images: Path) -> dict[str, bytes]:
    """The files of an exam."""
    return {file.name: file.read_bytes() for file in (folder_of_images / "one").iterdir()}


def from_disk(name: str, folder: Path) -> bytes:
    """The answer that Python gives for the same files."""
    address = {"input_bucket": f"file:{folder}", "input_location": "one"}
    return json_bytes(Registry.installed().call(name, {**address, **SCAN, **IN_THE_MIDDLE[name]}, lists=False))


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_allowed_folder_is_read(folder_of_images: Path, name: str, method: str) -> None:
    """By the documented query, and by a body, as Python reads it."""
    bucket = f"file:{folder_of_images}"
    request = {**asked(bucket), **IN_THE_MIDDLE[name]}
    with serving(bucket) as client:
        answer = client.get(f"/{name}", params=request) if method == "GET" else client.post(f"/{name}", json=request)
        assert answer.status_code == 200, answer.text
        assert answer.content == from_disk(name, folder_of_images)


REFUSED = {
    "another bucket": {"input_bucket": "others"},
    "a folder within the bucket as one": {"input_bucket": "{bucket}/one"},
    "a way up in the bucket": {"input_bucket": "{bucket}/../exams"},
    "the disk": {"input_bucket": "/etc"},
    "the disk by protocol": {"input_bucket": "file:///etc"},
    "the web": {"input_bucket": "https://example.org"},
    "a chain": {"input_bucket": "simplecache::{bucket}"},
    "no text": {"input_bucket": 5},
    "null": {"input_bucket": None},
    "a way up": {"input_location": "../secret"},
    "a way up within": {"input_location": "one/../../secret"},
    "a way up by another slash": {"input_location": "..\\secret"},
    "an absolute path": {"input_location": "/etc"},
    "a drive": {"input_location": "C:\\Windows"},
    "a home": {"input_location": "~root"},
    "a protocol": {"input_location": "file:///etc"},
    "a chain within": {"input_location": "one::file:///etc"},
    "a NUL": {"input_location": "one\x00.png"},
    "a line break": {"input_location": "one\nx"},
    "another cloud": {"input_bucket_cloud": "ftp"},
}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An allowed folder, beside one that is not."""
    folder = tmp_path_factory.mktemp("disk")
    (folder / "exams").mkdir()
    (folder / "secret").mkdir()
    return folder / "exams"


def allowed_by(bucket: Path) -> tuple[str, ...]:
    """What a service may read."""
    return (f"file:{bucket}", "gcp:exams")


@pytest.fixture(scope="module")
def allowed(bucket: Path) -> Iterator[TestClient]:
    """A service that may read that folder."""
    with serving(*allowed_by(bucket)) as client:
        yield client


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_nothing_else_is_read(allowed: TestClient, bucket: Path, changes: dict[str, Any]) -> None:
    """422 that names the field, and tells nothing of what is there; a worker in this process answers alike."""
    told = {
        name: value.format(bucket=f"file:{bucket}") if isinstance(value, str) else value
        for name, value in changes.items()
    }
    request = {**asked(f"file:{bucket}"), **told}
    answer = allowed.post("/get_vessel_map", json=request)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] in changes
    assert "secret" not in answer.text
    here = Desk(Settings(buckets=allowed_by(bucket))).answer(VESSELS, json_bytes(request))
    assert here.body == answer.content


def test_a_bucket_of_one_cloud_is_none_of_another(allowed: TestClient) -> None:
    """An allow-list may name the cloud; a bucket without one is meant on any."""
    answer = allowed.get("/get_vessel_map", params=asked("exams", input_bucket_cloud="azure_uae"))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "input_bucket")


@pytest.mark.parametrize("location", ["two", "one/99.png"])
def test_what_is_not_there_is_404(folder_of_images: Path, location: str) -> None:
    """Not found, by the field that names it."""
    bucket = f"file:{folder_of_images}"
    with serving(bucket) as client:
        answer = client.get("/get_vessel_map", params=asked(bucket, location))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert answer.json()["error"]["field"] == "input_location"


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Cloud:
    """A cloud's emulator with the bucket `exams`, and how others put files there and remove them."""

    name: str
    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]


@pytest.fixture(params=["gcp", "azure_uae"])
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """Each cloud in turn."""
    if request.param == "gcp":
        yield from google(monkeypatch)
    else:
        yield from azure(monkeypatch, tmp_path)


def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The emulator of Google's storage."""
    pytest.importorskip("gcsfs")
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    port = free_port()
    server = emulator.create_server("127.0.0.1", port, in_memory=True, default_bucket="exams")
    server.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # the emulator knows no folders of that kind

    def ask(method: str, path: str, content: bytes | None = None) -> None:
        kind = {"content-type": "image/png"}
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", content, kind, method=method)):
            return

    def put(name: str, content: bytes) -> None:
        ask("POST", f"/upload/storage/v1/b/exams/o?uploadType=media&name={quote(name, safe='')}", content)

    yield Cloud("gcp", put, lambda name: ask("DELETE", f"/storage/v1/b/exams/o/{quote(name, safe='')}"))
    server.stop()


def azure(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Cloud]:
    """The emulator of Azure's storage."""
    pytest.importorskip("adlfs")
    if AZURITE is None:
        pytest.skip("Azurite is not installed: npm ci --prefix tests/node")
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  comes with adlfs

    port = free_port()
    words = ["--blobPort", str(port), "--location", str(folder), "--silent", "--skipApiVersionCheck"]
    emulator = subprocess.Popen([AZURITE, *words], stdout=subprocess.DEVNULL)
    connection = (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
    )
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)

    def is_up() -> bool:
        with closing(socket.socket()) as line:
            return line.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_for(is_up)
        with BlobServiceClient.from_connection_string(connection) as service:
            bucket = service.create_container("exams")
            yield Cloud("azure_uae", bucket.upload_blob, bucket.delete_blob)
    finally:
        emulator.terminate()
        emulator.wait()


@pytest.fixture
def uploaded(cloud: Cloud, images: dict[str, bytes]) -> Cloud:
    """A cloud with an exam in its bucket."""
    for file, content in images.items():
        cloud.put(f"one/{file}", content)
    return cloud


def test_a_cloud_is_read(uploaded: Cloud, folder_of_images: Path) -> None:
    """In the natural order of names; what is not there is 404, other buckets are refused."""
    name = uploaded.name
    with serving("exams") as client:
        for path in PATHS:
            answer = client.get(f"/{path}", params={**asked("exams", input_bucket_cloud=name), **IN_THE_MIDDLE[path]})
            assert answer.status_code == 200, answer.text
            assert answer.content == from_disk(path, folder_of_images)
        for location in ("two", "on", "one/99.png"):
            answer = client.get("/get_vessel_map", params=asked("exams", location, input_bucket_cloud=name))
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), location
        answer = client.get("/get_vessel_map", params=asked("others", input_bucket_cloud=name))
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "input_bucket")


def test_what_arrives_in_a_cloud_or_leaves_it_is_seen(
    uploaded: Cloud, images: dict[str, bytes], folder_of_images: Path
) -> None:
    """By a service that has read the exam before: no listing is remembered."""
    here, request = folder_of_images / "one", asked("exams", input_bucket_cloud=uploaded.name)
    with serving("exams") as client:
        assert client.get("/get_vessel_map", params=request).content == from_disk(PATHS[0], folder_of_images)

        uploaded.put("one/12.png", images["0.png"])
        (here / "12.png").write_bytes(images["0.png"])
        assert client.get("/get_vessel_map", params=request).content == from_disk(PATHS[0], folder_of_images)

        for file in ("12.png", "3.png"):
            uploaded.remove(f"one/{file}")
            (here / file).unlink()
        assert client.get("/get_vessel_map", params=request).content == from_disk(PATHS[0], folder_of_images)


def test_a_cloud_that_is_away_is_502(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault of the request: whoever sent it may try again."""
    system = fsspec.filesystem("memory")

    def away(*_: object) -> None:
        raise RuntimeError("as azure.core.exceptions.ServiceRequestError is")

    monkeypatch.setattr(system, "isfile", away)
    monkeypatch.setattr(fsspec, "url_to_fs", lambda _address, **_options: (system, "/exams"))
    here = Desk(Settings(buckets=("exams",))).answer(VESSELS, json_bytes(asked("exams")))
    assert (here.status, orjson.loads(here.body)["error"]["code"]) == (502, "BUCKET_UNREADABLE")


def test_a_bucket_that_is_not_there_is_404(cloud: Cloud) -> None:
    """Allowed, and not there."""
    with serving("nowhere") as client:
        answer = client.get("/get_vessel_map", params=asked("nowhere", input_bucket_cloud=cloud.name))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), answer.text
