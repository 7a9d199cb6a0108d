"""A company login opens the account it certainly belongs to, and never makes one."""

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from config import sso
from config.accounts import SocialAdapter, account_of
from core.models import AuditEntry, User
from organization.services import create_user


@pytest.fixture
def account(people) -> User:
    user = create_user("E4", roles=["handler"], employee_no="E4", actor=people)
    User.objects.filter(pk=user.pk).update(email="E4@Example.com")
    return user


def login_with(data=None, *, email="", verified=True) -> SocialLogin:
    addresses = [EmailAddress(email=email, verified=verified)] if email else []
    return SocialLogin(
        user=User(),
        account=SocialAccount(provider="company", uid="u1", extra_data=data or {}),
        email_addresses=addresses,
    )


@pytest.mark.parametrize(
    "data",
    [
        {"userinfo": {"employee_no": "E4"}},
        {"id_token": {"employee_no": "E4"}},
        {"employee_no": "E4"},
    ],
)
def test_the_employee_number_finds_the_account(account, data):
    assert account_of(login_with(data)) == account


def test_a_verified_address_finds_it_and_an_unverified_one_does_not(account):
    assert account_of(login_with(email="e4@example.com")) == account
    assert account_of(login_with(email="e4@example.com", verified=False)) is None
    assert account_of(login_with(email="nobody@example.com")) is None


def test_an_address_of_two_accounts_is_not_certain(account):
    User.objects.create_user("twin", email="e4@example.com")
    assert account_of(login_with(email="e4@example.com")) is None


def test_a_number_that_is_nobodys_is_not_helped_by_the_address(account):
    assert account_of(login_with({"employee_no": "E99"}, email="e4@example.com")) is None


def test_closed_accounts_stay_closed(account):
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert account_of(login_with({"employee_no": "E4"})) is None


def test_the_first_login_links_and_is_audited(account, monkeypatch):
    monkeypatch.setattr(SocialAccount, "get_provider", lambda account: None)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request.session = {}
    SocialAdapter().pre_social_login(request, login_with({"employee_no": "E4"}))
    assert SocialAccount.objects.get().user == account
    entry = AuditEntry.objects.get(verb="user.linked")
    assert (entry.actor, entry.data) == (account, {"provider": "company"})


def test_a_stranger_is_told_and_gets_no_account(account):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(ImmediateHttpResponse) as refused:
        SocialAdapter().pre_social_login(request, login_with({"employee_no": "E99"}))
    assert refused.value.response.status_code == 403
    assert "no account here belongs to it" in refused.value.response.content.decode()
    assert not SocialAccount.objects.exists()
    assert not SocialAdapter().is_open_for_signup(request, login_with())


def test_providers_come_from_the_environment(monkeypatch):
    monkeypatch.delenv("SSO_PROVIDERS", raising=False)
    assert sso.providers() == []
    monkeypatch.setenv("SSO_PROVIDERS", "openid_connect, feishu")
    for name, value in {
        "SSO_OPENID_CONNECT_ID": "id",
        "SSO_OPENID_CONNECT_SECRET": "secret",
        "SSO_OPENID_CONNECT_URL": "https://login.example.com",
        "SSO_OPENID_CONNECT_NAME": "Company",
        "SSO_FEISHU_ID": "id",
        "SSO_FEISHU_SECRET": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    chosen = sso.providers()
    assert sso.apps(chosen)[1] == "allauth.socialaccount.providers.feishu"
    (app,) = sso.keys(chosen)["openid_connect"]["APPS"]
    assert (app["name"], app["settings"]["server_url"]) == ("Company", "https://login.example.com")
    monkeypatch.setenv("SSO_PROVIDERS", "facebook")
    with pytest.raises(ImproperlyConfigured):
        sso.providers()
