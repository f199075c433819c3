"""Where everything is in containers: what `docker-compose.yml` says, compared with the topology by a test."""

from pathlib import Path

from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER
from carnet_operations.services import SERVICES
from carnet_suite.topology import SANDBOX, Issuer, Places, Process, Provider, processes

FRONT_PORT = 8080
BACKOFFICE_PORT, SIGN_IN_PORT = 8081, 8082
FRONT_FOLDER = Path("/etc/caddy")
SANDBOX_PORT = 8000
SANDBOX_FILE = "/data/sandbox.sqlite"
REALM = f"http://localhost:{SIGN_IN_PORT}/realms/carnet"
KEYCLOAK = "http://keycloak:8080"
API_PORT, METRICS_PORT = 8000, 9100
"""The same in every container: each has an address of its own."""


def _port(process: Process) -> int:
    return API_PORT if process.role == "api" else METRICS_PORT


CONTAINERS = Places(
    mongo_url="mongodb://mongo:27017/?replicaSet=carnet",
    kafka_bootstrap="kafka:9092",
    smtp_host="mail",
    smtp_port=1025,
    issuer=Issuer(ISSUER, AUDIENCE, "/run/issuer/issuer.pub.pem", ALGORITHM),
    apis={service: f"http://{Process(service, 'api').name}:{API_PORT}" for service in SERVICES},
    host="0.0.0.0",  # noqa: S104 # a container's own network
    ports={process.name: _port(process) for process in processes()},
    sandbox=f"http://{SANDBOX}:{SANDBOX_PORT}",
    sandbox_secrets="/run/sandbox-secret",
    front=f"http://front:{FRONT_PORT}",
    public=f"http://localhost:{FRONT_PORT}",
    link_keys="/run/link-keys",
    sepa_keys="/run/sepa-keys",
    backoffice=f"http://localhost:{BACKOFFICE_PORT}",
    backoffice_secrets="/run/backoffice-secret",
    sign_in=REALM,
    sign_in_inside=f"{KEYCLOAK}/realms/carnet",
    providers=(Provider(REALM, AUDIENCE, f"{KEYCLOAK}/realms/carnet/protocol/openid-connect/certs", "RS256"),),
)
