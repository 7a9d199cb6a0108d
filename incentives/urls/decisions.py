"""Appeals, proposals and policies."""

from django.urls import URLPattern, path, re_path

from incentives.views import appeals, policies, proposals

_STEP = (
    r"^appeals/(?P<no>[A-Z0-9-]+)/"
    r"(?P<verb>accept|return|reject|investigate|extend|execute|close)/$"
)

urlpatterns: list[URLPattern] = [
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<str:no>/", appeals.appeal, name="appeal"),
    path("appeals/<str:no>/dry-run/", appeals.dry_run, name="appeal_dry_run"),
    path("appeals/<str:no>/decide/", appeals.decide, name="appeal_decide"),
    re_path(_STEP, appeals.step, name="appeal_step"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<str:key>/", proposals.proposal, name="proposal"),
    path("proposals/<str:key>/propose/", proposals.propose, name="proposal_propose"),
    path("proposals/<str:key>/decide/", proposals.decide, name="proposal_decide"),
    path("proposals/<str:key>/award/", proposals.award, name="proposal_award"),
    path("policies/", policies.policies, name="policies"),
    path("policies/<str:code>/", policies.policy, name="policy"),
    path("policies/<str:code>/simulate/", policies.simulate, name="policy_simulate"),
    path("policies/<str:code>/activate/", policies.activate, name="policy_activate"),
]
