"""Keep the servers up between runs of the tests: ``python -m carnet_suite.servers --keep``."""

import argparse
import contextlib
import shlex
import shutil
import signal
import sys
import threading
from pathlib import Path

from carnet_operations.home import carnet_home
from carnet_suite.servers import Ports, embedded, environment
from carnet_suite.servers.errors import ServerError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="carnet_suite.servers", description=__doc__)
    parser.add_argument("--data", type=Path, default=carnet_home() / "dev", help="data folder")
    parser.add_argument("--keep", action="store_true", help="keep the data when they stop")
    parser.add_argument("--mongo-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--kafka-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--env-file", type=Path, help="write the environment there as well")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, told_to_stop: threading.Event) -> None:
    ports = Ports(mongo=arguments.mongo_port, kafka=arguments.kafka_port, smtp=arguments.smtp_port)
    with embedded(arguments.data, ports) as servers, contextlib.ExitStack() as cleanup:
        lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment(servers).items())
        sys.stdout.write(lines)
        sys.stdout.flush()
        if arguments.env_file:
            arguments.env_file.write_text(lines)
            cleanup.callback(arguments.env_file.unlink, missing_ok=True)
        sys.stderr.write(
            f"Mails: {servers.smtp_host}:{servers.smtp_port} -> {servers.inbox}\nRunning; stop with Ctrl-C.\n"
        )
        told_to_stop.wait()


def main() -> int:
    """Run until SIGINT or SIGTERM; the exit code."""
    arguments = _arguments()
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    try:
        _run(arguments, told_to_stop)
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not arguments.keep:
        shutil.rmtree(arguments.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
