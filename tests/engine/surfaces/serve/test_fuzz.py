"""schemathesis against the running service: no 500, no answer that is not documented, nothing wrong that is accepted.

The long run is this test with `FOVEOLA_FUZZ_EXAMPLES=300`, further phases by `FOVEOLA_FUZZ_PHASES`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from .conftest import TOKEN, Started

pytest.importorskip("schemathesis")

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "unsupported_method",
)
EXAMPLES = os.environ.get("FOVEOLA_FUZZ_EXAMPLES", "2")
PHASES = os.environ.get("FOVEOLA_FUZZ_PHASES", "examples,fuzzing")


def test_every_path_answers_as_documented(
    start: Callable[..., AbstractContextManager[Started]], tmp_path: Path
) -> None:
    """Whatever is sent to any path."""
    fuzzer = shutil.which("schemathesis", path=Path(sys.executable).parent)
    assert fuzzer is not None
    with start("--workers", "2", FOVEOLA_TOKEN=TOKEN) as service:
        words = ["--phases", PHASES, "--max-examples", EXAMPLES, "--seed", "1", "--no-color"]
        words += ["--checks", ",".join(CHECKS), "--header", f"Authorization: Bearer {TOKEN}"]
        words += ["--exclude-operation-id-regex", r"acme\..*"]  # they fail on purpose
        command = [fuzzer, "run", f"{service.url}/openapi.json", *words]
        assert service.process.stderr is not None
        with ThreadPoolExecutor(1) as pool:
            log = pool.submit(service.process.stderr.read)
            ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            service.process.terminate()
    faults = [line for line in log.result().splitlines() if '"status":5' in line]
    assert not faults, "\n".join(faults)
    assert ended.returncode == 0, ended.stdout[-5000:]
    assert "Tested: " in ended.stdout
