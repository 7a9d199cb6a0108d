"""Settings as they are, and the clients of the API."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.api import create_client, revoke_client
from core.errors import InvalidInput
from dashboards.forms.administration import ClientForm
from dashboards.queries.administration import settings as queries
from dashboards.views.administration.users import actor_of


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The configuration in force, group by group."""
    actor_of(request)
    return _page(request, ClientForm())


def _page(
    request: HttpRequest, form: ClientForm, status: int = 200, token: str = "", name: str = ""
) -> HttpResponse:
    context = queries.as_context(form=form, token=token, token_of=name)
    return render(request, "dashboards/administration/settings.html", context, status=status)


@require_POST
@never_cache
def client_new(request: HttpRequest) -> HttpResponse:
    """A new client: its token stands on this answer and nowhere else."""
    actor = actor_of(request)
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        client, token = create_client(
            form.cleaned_data["name"], form.cleaned_data["scopes"], actor=actor
        )
    except InvalidInput as error:
        form.add_error("name", str(error))
        return _page(request, form, 422)
    return _page(request, ClientForm(), token=token, name=client.name)


@require_POST
def client_revoke(request: HttpRequest) -> HttpResponse:
    """End the access of a client at once."""
    actor = actor_of(request)
    client = revoke_client(request.POST.get("name", ""), actor=actor)
    messages.success(request, _("%(name)s can no longer call the API.") % {"name": client.name})
    return redirect("settings")
