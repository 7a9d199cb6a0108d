"""Settings, jobs and the audit trail on the administrator's pages."""

import ast

import pytest
from django.test import Client

from assessments.models import Scorecard
from core import audit, jobs
from core.models import ApiClient, AuditEntry, Job, User
from core.models.jobs import JobStatus
from dashboards.queries.administration.audit import HIDDEN
from dashboards.queries.administration.verbs import FIELDS, LOOKED, VERBS
from incentives.models import PayrollBatch
from organization.services import create_user
from tests.dashboards.test_translations import APPS, ROOT


@pytest.fixture
def desk(people, settings) -> Client:
    settings.SECOND_FACTOR_ROLES = []
    boss = create_user("E2", roles=["admin"], employee_no="E2", actor=people)
    create_user("E4", roles=["handler"], employee_no="E4", actor=people)
    User.objects.update(language="en")
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(boss)
    return browser


@pytest.fixture
def outsider(desk) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(User.objects.get(username="E4"))
    return browser


def text(answer):
    return answer.content.decode()


def boss() -> User:
    return User.objects.get(username="E2")


def test_settings_show_each_value_with_its_source(desk, outsider):
    page = text(desk.get("/settings/"))
    assert "Headquarters" in page
    assert "8 hours without a click, or with the browser" in page
    assert "environment, TRUSTED_PROXY_COUNT" in page
    assert "core.seal-audit" in page
    assert outsider.get("/settings/").status_code == 403


def test_a_client_is_made_its_token_shown_once_and_revoked(desk, outsider):
    answer = desk.post("/settings/clients/", {"name": "till", "scopes": ["events"]})
    client = ApiClient.objects.get(name="till")
    assert client.scopes == ["events"]
    assert "hp_" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    page = text(desk.get("/settings/"))
    assert "till" in page
    assert "hp_" not in page
    assert (
        desk.post("/settings/clients/", {"name": "till", "scopes": ["events"]}).status_code == 422
    )
    assert desk.post("/settings/clients/", {"name": "other"}).status_code == 422
    assert outsider.post("/settings/clients/revoke/", {"name": "till"}).status_code == 403
    assert ApiClient.objects.get(name="till").revoked_at is None
    desk.post("/settings/clients/revoke/", {"name": "till"})
    assert ApiClient.objects.get(name="till").revoked_at is not None
    assert AuditEntry.objects.get(verb="api_client.revoked").actor == boss()


@pytest.fixture
def failed(desk) -> Job:
    from core.audit_check import KIND

    job = jobs.create(KIND, chunks=[{"seal": True}], actor=boss())
    Job.objects.filter(pk=job.pk).update(status=JobStatus.FAILED, error="It broke.")
    return job


def test_jobs_are_listed_filtered_and_run_again(desk, failed):
    page = text(desk.get("/jobs/?state=failed"))
    assert f"Job {failed.pk}" in page
    assert "check of the audit chain" in page
    assert "never seen" in page
    assert "No job is like this" in text(desk.get("/jobs/?state=live"))
    page = text(desk.get(f"/jobs/{failed.pk}/"))
    assert "It broke." in page
    assert "Run it again" in page
    assert desk.post(f"/jobs/{failed.pk}/retry/").status_code == 302
    failed.refresh_from_db()
    assert failed.status == JobStatus.PENDING
    assert desk.post(f"/jobs/{failed.pk}/retry/").status_code == 409


def test_a_job_is_seen_by_whoever_started_it(desk, outsider, failed):
    assert outsider.get(f"/jobs/{failed.pk}/").status_code == 404
    Job.objects.filter(pk=failed.pk).update(actor=User.objects.get(username="E4"))
    page = text(outsider.get(f"/jobs/{failed.pk}/"))
    assert "It broke." in page
    assert "Run it again" not in page
    assert outsider.post(f"/jobs/{failed.pk}/retry/").status_code == 403
    assert outsider.get("/jobs/").status_code == 403


def test_the_trail_reads_as_sentences_and_is_filtered(desk, outsider):
    other = User.objects.get(username="E4")
    audit.record(other, "payroll.lineage_seen", None, line=7)
    page = text(desk.get("/audit/"))
    assert "looked at where a payment comes from" in page
    assert "created an account" in page
    assert 'href="/users/E4/"' in page
    page = text(desk.get("/audit/?actor=E4"))
    assert "looked at where a payment comes from" in page
    assert "<td>created an account" not in page
    assert "looked at where" in text(desk.get("/audit/?looked=on"))
    assert "No entry is like this" in text(desk.get("/audit/?until=2020-01-01"))
    assert "毛嘉树" in text(desk.get("/audit/?actor=毛嘉树&verb=payroll.lineage_seen"))
    assert desk.get("/audit/?since=nonsense&before=x").status_code == 200
    assert outsider.get("/audit/").status_code == 403


def test_pages_of_the_trail_follow_one_another(desk):
    for number in range(120):
        audit.record(None, "many.rows", None, number=number)
    first = desk.get("/audit/?verb=many.rows").context["stretch"]
    assert [entry.row.data["number"] for entry in first.entries] == [*range(119, 69, -1)]
    assert first.newer is None
    second = desk.get(f"/audit/?verb=many.rows&before={first.older}").context["stretch"]
    assert second.entries[0].row.data["number"] == 69
    last = desk.get(f"/audit/?verb=many.rows&before={second.older}").context["stretch"]
    assert (len(last.entries), last.older) == (20, None)
    back = desk.get(f"/audit/?verb=many.rows&after={last.newer}").context["stretch"]
    assert back.entries == second.entries
    top = desk.get(f"/audit/?verb=many.rows&after={back.newer}").context["stretch"]
    assert (top.entries, top.newer) == (first.entries, None)


def test_the_trail_costs_the_same_for_many(desk, django_assert_max_num_queries):
    desk.get("/audit/")
    with django_assert_max_num_queries(25) as few:
        desk.get("/audit/")
    for _number in range(50):
        audit.record(boss(), "user.created", boss())
    with django_assert_max_num_queries(len(few.captured_queries) + 1):
        desk.get("/audit/")


def test_an_export_holds_the_filter_and_is_an_entry_itself(desk, outsider):
    audit.record(None, "some.verb", None, note="=1+1")
    assert outsider.post("/audit/export/", {}).status_code == 403
    answer = desk.post("/audit/export/", {"verb": "some.verb"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "id,at,actor,channel,verb,object_type,object_id,data"
    assert len(lines) == 2
    assert ',,system,some.verb,,,"{""note"": ""=1+1""}"' in lines[1]
    entry = AuditEntry.objects.get(verb="audit.exported")
    assert entry.data == {"rows": 1, "filter": {"verb": "some.verb"}}
    assert (entry.actor, entry.channel) == (boss(), "web")


@pytest.mark.django_db(transaction=True)
def test_a_check_runs_as_a_job_and_shows_what_it_found(desk):
    answer = desk.post("/audit/verify/")
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    jobs.run_now(job)
    assert "The chain is whole" in text(desk.get(f"/jobs/{job.pk}/"))
    page = text(desk.get("/audit/"))
    assert "whole" in page
    Job.objects.update(result={"broken": "audit chain broken at link 3", "links": 9})
    assert "audit chain broken at link 3" in text(desk.get(f"/jobs/{job.pk}/"))


def test_every_verb_and_every_detail_of_the_audit_trail_has_words() -> None:
    verbs, details = set(), set()
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "audit.record":
                continue
            if isinstance(node.args[1], ast.Constant):
                verbs.add(node.args[1].value)
            details |= {word.arg for word in node.keywords if word.arg}
    assert sorted(verbs - VERBS.keys()) == []
    assert sorted(details - FIELDS.keys() - HIDDEN) == []
    assert sorted(set(LOOKED) - VERBS.keys()) == []
    # Verbs made of a state: every state that something can come into.
    states = {
        f"{name}.{state}"
        for name, model in (("scorecard", Scorecard), ("payroll", PayrollBatch))
        for targets in model.TRANSITIONS.values()
        for state in targets
    }
    never = {"scorecard.reviewed", "scorecard.approved", "scorecard.computed", "scorecard.revised"}
    assert sorted(states - never - VERBS.keys()) == []
