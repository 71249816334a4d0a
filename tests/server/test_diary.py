"""The diary: lines of JSON, and spans that continue the client's trace."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server._diary import Diary
from pawlens.server._metrics import Metrics

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "headers": [
        (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        (b"authorization", b"Bearer secret"),
    ],
}


def test_a_request_is_one_line_without_what_is_secret() -> None:
    stream = io.StringIO()
    with Diary(Metrics(), stream).entry(dict(SCOPE)) as entry:
        entry.status, entry.reason = 503, "busy"
    line = json.loads(stream.getvalue())
    assert (line["method"], line["path"], line["status"]) == ("POST", "other", 503)
    assert (line["reason"], line["request"]) == ("busy", entry.id)
    assert "secret" not in stream.getvalue()


def test_a_span_continues_the_trace_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = pytest.importorskip("opentelemetry.trace", reason="opentelemetry is not installed")
    told: dict[str, Any] = {}

    class Span:
        def set_attribute(self, name: str, value: object) -> None:
            told[name] = value

    class Tracer:
        @contextmanager
        def start_as_current_span(self, name: str, *, context: Any, kind: Any) -> Any:
            told["name"] = name
            told["trace"] = trace.get_current_span(context).get_span_context().trace_id
            yield Span()

    monkeypatch.setattr(trace, "get_tracer_provider", object)  # somebody wants traces
    monkeypatch.setattr(trace, "get_tracer", lambda name: Tracer())
    with Diary(Metrics(), io.StringIO()).entry(dict(SCOPE)) as entry:
        entry.status = 200
    assert told["name"] == "POST request"
    assert told["trace"] == 0x0AF7651916CD43DD8448EB211C80319C
    assert told["http.response.status_code"] == 200


def test_no_span_is_made_where_nobody_wants_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = pytest.importorskip("opentelemetry.trace", reason="opentelemetry is not installed")
    monkeypatch.setattr(trace, "get_tracer", lambda name: pytest.fail("a span was made"))
    stream = io.StringIO()
    with Diary(Metrics(), stream).entry(dict(SCOPE)) as entry:
        entry.status = 200
    assert json.loads(stream.getvalue())["status"] == 200


def test_a_log_that_cannot_be_written_is_counted_and_stops_nothing() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    metrics = Metrics()
    with Diary(metrics, Full()).entry(dict(SCOPE)) as entry:
        entry.status = 200
    text = metrics.text().decode()
    assert "pawlens_log_failures_total 1.0" in text
    assert 'pawlens_requests_total{path="other",status="200"} 1.0' in text


def test_what_libraries_log_is_a_line_of_json_and_in_quiet_only_if_it_is_an_error() -> None:
    for quiet, expected in ((False, ["warning", "error"]), (True, ["error"])):
        stream = io.StringIO()
        with Diary(Metrics(), stream, quiet=quiet).of_libraries():
            logging.getLogger("python_multipart.multipart").warning("%s", "no\nform")
            try:
                raise ValueError("broken")
            except ValueError:
                logging.getLogger("uvicorn.error").exception("failed")
        logging.getLogger("uvicorn.error").debug("after")
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert [line["event"] for line in lines] == expected
        assert "ValueError: broken" in lines[-1]["text"]
