"""Addresses of the JSON API: each operation states the scopes it needs, and answers mishaps as problem documents."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern, path, re_path, reverse

from commonbeat.interfaces.access import Reader, anyone
from commonbeat.interfaces.api.v1 import calls, cases, open_data
from commonbeat.interfaces.api.v1.api import make_api
from commonbeat.interfaces.api.v1.problems import CONTENT_TYPE, as_problems, problem
from commonbeat.interfaces.limits import limited

api = make_api()
ROUTERS = (open_data.router, cases.router, calls.router)
for _router in ROUTERS:
    api.add_router("", _router)

app_name = "api-v1"


def _too_many(request: HttpRequest) -> HttpResponse:
    return problem(429, "Too many requests from this address. Wait a minute.")


counted = limited("api", methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), refuse=_too_many)


@anyone
@counted
@as_problems
def root(request: HttpRequest) -> HttpResponseBase:
    """Where the document is that describes everything else."""
    return JsonResponse({"openapi": request.build_absolute_uri(reverse("api-v1:openapi-json"))})


@anyone
@counted
@as_problems
def openapi(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI document."""
    return JsonResponse(_document(reverse("api-v1:api-root")))


@cache
def _document(prefix: str) -> dict[str, Any]:
    """The document as ninja makes it, with the content type that problems really have."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=prefix), default=str))
    for path_item in made["paths"].values():
        for operation in path_item.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {CONTENT_TYPE: response["content"]["application/json"]}
    return made


@anyone
@counted
@as_problems
def nothing(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Every other address below /api/."""
    raise Http404


nothing.csrf_exempt = True  # type: ignore[attr-defined]


def _scopes() -> dict[str | None, tuple[str, ...]]:
    views = [view for router in ROUTERS for view in router.path_operations.values()]
    keys: dict[str | None, list[Any]] = {view.url_name: [op.auth_param for op in view.operations] for view in views}
    return {name: tuple(sorted({key.scope for key in held})) for name, held in keys.items()}


def _operations() -> list[URLPattern]:
    scopes = _scopes()
    made = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name in scopes:
            view: Any = counted(as_problems(pattern.callback))
            view.csrf_exempt = True  # programs send keys, not cookies
            view.reader = Reader("key", scopes[pattern.name])
            made.append(URLPattern(pattern.pattern, view, name=pattern.name))
    return made


urlpatterns = [
    path("", root, name="api-root"),
    path("openapi.json", openapi, name="openapi-json"),
    *_operations(),
    re_path(r"^(?P<rest>[\s\S]*)$", nothing, name="nothing"),
]
