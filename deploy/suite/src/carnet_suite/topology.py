"""What the suite consists of and the environment of each process: the one place for both ways of running it.

The local suite starts its processes from here; a test compares `docker-compose.yml` with it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from carnet.settings import SECRETS
from carnet_operations.services import SERVICES

Role = Literal["api", "worker"]

ROLES: tuple[Role, ...] = ("api", "worker")

SANDBOX = "sandbox"
"""The payment provider to try Carnet with, a process of its own."""

BACKOFFICE = "backoffice"
"""The pages of the staff, a process of its own."""

SIGN_IN = "sign-in"
"""The provider at which people sign in, in the local suite; in containers it is a Keycloak."""

SENDER = "Carnet <no-reply@carnet.example>"
"""Who the mails come from, unless the operator names another."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the suite. Workers of a service are numbered from 1 and share its work."""

    service: str
    role: Role
    number: int = 1

    @property
    def name(self) -> str:
        """How messages, logs and commands call it: `payments-worker`, `payments-worker-2`."""
        return f"{self.service}-{self.role}" + (f"-{self.number}" if self.number > 1 else "")

    @property
    def arguments(self) -> tuple[str, ...]:
        """What follows `python`."""
        return ("-m", "carnet.run", self.service, self.role)


def processes(payments_workers: int = 1) -> list[Process]:
    """All processes of the services, the APIs first."""
    workers = {"payments": payments_workers}
    apis = [Process(service, "api") for service in SERVICES]
    return apis + [
        Process(service, "worker", number) for service in SERVICES for number in range(1, workers.get(service, 1) + 1)
    ]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken: the name, whom they must be made for, and the file of the public key."""

    name: str
    audience: str
    key_file: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of OpenID Connect whose tokens are taken: its name, whom they must be made for, and its keys."""

    issuer: str
    audience: str
    jwks_url: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is, as the processes see it.

    Attributes:
        apis: The address of each service's API, without a slash at the end.
        host: The interface on which the processes listen.
        ports: The port of each process by its name: an API's own, a worker's for health and metrics.
        sandbox: The address of the sandbox; None if there is none.
        sandbox_secrets: The folder of the setting with which the sandbox signs its webhooks; it and payments read it.
        provider_timeout: Seconds within which each call to a provider ends; none for what payments does by itself.
        front: The front address, for the back office; likewise without a slash at the end.
        public: The address at which clients reach the front.
        link_keys: The folder of the setting with which links in mails are signed.
        sepa_keys: The folder of the setting with which the bank accounts of direct debits are encrypted.
        backoffice: The address at which browsers reach the back office.
        backoffice_secrets: The folder of the setting with which it seals its cookies.
        sign_in: The issuer of the provider at which people sign in.
        providers: Whose tokens the services take beside those of `issuer`.
        sign_in_inside: Where the back office reaches it, if that is not the address that browsers use.
    """

    mongo_url: str
    kafka_bootstrap: str
    smtp_host: str
    smtp_port: int
    issuer: Issuer
    apis: Mapping[str, str]
    host: str
    ports: Mapping[str, int]
    namespace: str = ""
    sandbox: str | None = None
    sandbox_secrets: str = ""
    provider_timeout: float | None = None
    front: str = ""
    public: str = ""
    link_keys: str = ""
    sepa_keys: str = ""
    backoffice: str = ""
    backoffice_secrets: str = ""
    sign_in: str = ""
    sign_in_inside: str | None = None
    providers: tuple[Provider, ...] = ()


def variables(process: Process, places: Places) -> dict[str, str]:
    """The environment that a process is started with, beside what the machine gives."""
    port = str(places.ports[process.name])
    return {
        "CARNET_MONGO_URL": places.mongo_url,
        "CARNET_KAFKA_BOOTSTRAP": places.kafka_bootstrap,
        "CARNET_NAMESPACE": places.namespace,
        "CARNET_HOST": places.host,
        **_of_role(process, places, port),
        **dict(_of_service(process.service, places)),
    }


def _of_role(process: Process, places: Places, port: str) -> dict[str, str]:
    if process.role == "worker":
        return {"CARNET_METRICS_PORT": port}
    return {
        "CARNET_PORT": port,
        "CARNET_ROOT_PATH": f"/{process.service}",
        "CARNET_ISSUERS": issuers(places.issuer, *places.providers),
    }


def _of_service(service: str, places: Places) -> Iterator[tuple[str, str]]:
    if service == "contracts":
        yield "CARNET_CATALOG_URL", places.apis["catalog"]
        yield "CARNET_CREDITS_URL", places.apis["credits"]
        yield "CARNET_PAYMENTS_URL", places.apis["payments"]
    if service == "payments" and places.sandbox is not None:
        yield "CARNET_SANDBOX_URL", places.sandbox
        yield "CARNET_WEBHOOK_URL", places.apis["payments"]
    if service == "payments" and places.provider_timeout is not None:
        yield "CARNET_PROVIDER_TIMEOUT", f"{places.provider_timeout:g}"
    if service == "payments":
        yield SECRETS, ":".join(filter(None, (places.sandbox_secrets, places.link_keys, places.sepa_keys)))
    if service in {"credits", "notifications"}:
        yield SECRETS, places.link_keys
    if service == "payments" and places.public:
        yield "CARNET_PUBLIC_URL", places.public
    if service == "notifications":
        yield "CARNET_PUBLIC_URL", places.public
        yield "CARNET_CREDITS_URL", places.apis["credits"]
        yield "CARNET_PAYMENTS_URL", places.apis["payments"]
        yield "CARNET_SMTP_HOST", places.smtp_host
        yield "CARNET_SMTP_PORT", str(places.smtp_port)
        yield "CARNET_MAIL_FROM", SENDER


def issuers(issuer: Issuer, *providers: Provider) -> str:
    """The setting that names whose tokens are taken, as JSON."""
    taken: list[dict[str, object]] = [
        {
            "issuer": issuer.name,
            "audience": issuer.audience,
            "key_file": issuer.key_file,
            "algorithms": [issuer.algorithm],
        }
    ]
    taken += [
        {
            "issuer": provider.issuer,
            "audience": provider.audience,
            "jwks_url": provider.jwks_url,
            "algorithms": [provider.algorithm],
        }
        for provider in providers
    ]
    return json.dumps(taken)


def sandbox_variables(places: Places, port: int, file: str) -> dict[str, str]:
    """The environment of the sandbox, which listens on `port` and keeps what it did in `file`."""
    return {
        "CARNET_SANDBOX_HOST": places.host,
        "CARNET_SANDBOX_PORT": str(port),
        "CARNET_SANDBOX_FILE": file,
        SECRETS: places.sandbox_secrets,
    }


def backoffice_variables(places: Places, port: int) -> dict[str, str]:
    """The environment of the back office, which listens on `port`. It knows the front, and no database."""
    inside = {} if places.sign_in_inside is None else {"CARNET_SIGN_IN_INTERNAL_URL": places.sign_in_inside}
    return {
        "CARNET_HOST": places.host,
        "CARNET_PORT": str(port),
        "CARNET_FRONT_URL": places.front,
        "CARNET_BACKOFFICE_URL": places.backoffice,
        "CARNET_SIGN_IN_URL": places.sign_in,
        SECRETS: places.backoffice_secrets,
        **inside,
    }


def sign_in_variables(places: Places, port: int, keys: str) -> dict[str, str]:
    """The environment of the local provider, which listens on `port` and signs with the key pair in `keys`."""
    return {
        "CARNET_SIGN_IN_HOST": places.host,
        "CARNET_SIGN_IN_PORT": str(port),
        "CARNET_SIGN_IN_URL": places.sign_in,
        "CARNET_SIGN_IN_KEYS": keys,
        "CARNET_BACKOFFICE_URL": places.backoffice,
    }
