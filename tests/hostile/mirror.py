"""The site with two addresses more, for tests of what stands before it: /mirror tells what the
application believes of a request, /large is longer than any buffer on the way."""

from __future__ import annotations

import json
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.test import override_settings
from django.urls import get_resolver

from config.wsgi import application as site
from surveys.collection.views.public import address

# Before the workers are forked: what the first request of each would load takes seconds, and on a
# busy machine longer than gunicorn waits.
get_resolver().url_patterns  # noqa: B018
LARGE = bytes(range(256)) * 32768  # 8 MB


def application(environ: dict[str, Any], start_response: Any) -> Any:
    if environ["PATH_INFO"] == "/large":
        start_response("200 OK", [("Content-Length", str(len(LARGE)))])
        return [LARGE]
    if environ["PATH_INFO"] == "/mirror":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(believed(WSGIRequest(environ))).encode()]
    return site(environ, start_response)


def believed(request: WSGIRequest) -> dict[str, Any]:
    """As a site with ?proxies=N for its TRUSTED_PROXY_COUNT believes."""
    from allauth.account.adapter import get_adapter  # it wants the site to be set up already

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=int(request.GET["proxies"])):
        return {
            "respondent": address(request),
            "visitor": get_adapter().get_client_ip(request),
            "https": request.is_secure(),
            "host": request.get_host(),
            "passed": sorted(
                name for name in request.headers if name.startswith(("X-", "Forwarded"))
            ),
            "number": request.headers["X-Request-ID"],
        }
