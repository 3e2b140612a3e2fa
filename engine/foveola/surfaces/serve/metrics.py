"""What is counted, for Prometheus."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counts of one service."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._all = CollectorRegistry()
        self._requests = Counter(
            "foveola_requests", "Requests answered.", ["path", "method", "status"], registry=self._all
        )
        self._seconds = Histogram(
            "foveola_request_seconds", "How long an answer took.", ["path"], buckets=SECONDS, registry=self._all
        )
        self.under_way = Gauge("foveola_requests_under_way", "Requests not answered yet.", registry=self._all)
        self.replaced = Counter("foveola_workers_replaced", "Workers that died or were stopped.", registry=self._all)

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count a request that is over. A method that nobody knows counts as `other`."""
        known = method if method in {"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"} else "other"
        self._requests.labels(path, known, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def text(self) -> bytes:
        """All of them as Prometheus reads them."""
        return generate_latest(self._all)
