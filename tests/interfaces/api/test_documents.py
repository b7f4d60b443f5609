"""Both OpenAPI documents against the running product: whatever is sent, what comes back is as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounded
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests import make
from tests.conftest import City

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = 12
EVERYTHING = (
    "open311", "open311:updates", "cases:read", "cases:write", "contacts:read", "categories:read", "areas:read",
    "cards:read",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's own connection between requests, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
@pytest.mark.parametrize("document", ["/api/v1/openapi.json", "/open311/v2/openapi.yaml"])
def test_every_operation_answers_as_its_document_says(
    city: City, new_key: Any, settings: Any, document: str, mode: GenerationMode
) -> None:
    from commonbeat.config.wsgi import application

    settings.RATE_LIMITS = {group: (1_000_000, 60) for group in settings.RATE_LIMITS}
    settings.ALLOWED_HOSTS = ["*"]
    secret = new_key(*EVERYTHING, per_minute=1_000_000)
    reference = make.concern(city.noise, at=timezone.now()).case.reference
    real = {"reference": reference, "service_request_id": reference, "service_code": "noise", "category": "noise",
            "step": "note", "status": "open"}  # fmt: skip
    schema = schemathesis.openapi.from_wsgi(document, application)

    for found in schema.get_all_operations():
        operation = found.ok()

        @bounded(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def whatever_is_sent(case: schemathesis.Case) -> None:
            if mode is GenerationMode.POSITIVE:  # words that exist, so that the deeds behind are reached too
                case.path_parameters |= {k: v for k, v in real.items() if k in (case.path_parameters or {})}
                if isinstance(case.body, dict):
                    case.body |= {k: v for k, v in real.items() if k in case.body}
            if isinstance(case.body, dict) and "api_key" in case.body:
                case.body["api_key"] = secret
            headers = {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
            with transaction.atomic():
                case.call_and_validate(headers=headers, checks=CHECKS)

        whatever_is_sent()
