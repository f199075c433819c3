"""Runs one command and ends it when the process that asked for it is gone.

Run as a script with the bare interpreter: ``python -I -S leash.py GRACE COMMAND...``. Standard
input is a pipe that only the asking process holds: when it closes, by intent or because that
process died in whatever way, the command gets SIGTERM and after GRACE seconds SIGKILL. The pid of
the command is written to standard output; its own output goes to standard error.

A process between, rather than PR_SET_PDEATHSIG in the command itself, because that signal is
Linux only, comes when the asking *thread* ends, and needs code between fork and exec, which a
process with threads must not run. Here it is a second line of defence: this process has one
thread when it forks.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
from types import FrameType

OPEN_FILES = 16_384
PR_SET_PDEATHSIG = 1


def raise_open_files() -> None:
    """MongoDB and Kafka keep many files open; the default limit of a shell may be 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def die_with_parent() -> None:
    """On Linux: be killed when this leash is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def signal_group(group: int, number: int) -> None:
    """Signal the rest of the process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end(group: int, grace: float) -> None:
    """Ask the group to end, and make it after the grace; does not wait."""
    signal_group(group, signal.SIGTERM)
    last_resort = threading.Timer(grace, signal_group, (group, signal.SIGKILL))
    last_resort.daemon = True
    last_resort.start()


def end_when_let_go(group: int, grace: float) -> None:
    """Wait for the asking process to close the pipe, or to be gone."""
    sys.stdin.buffer.read()
    end(group, grace)


def main() -> int:
    """Run the command; its exit code, or 128 + the number of the signal that ended it."""
    grace, command = float(sys.argv[1]), sys.argv[2:]
    raise_open_files()
    child = subprocess.Popen(  # noqa: S603 # the command of our own parent; one thread so far
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        process_group=0,
        preexec_fn=die_with_parent,  # noqa: PLW1509 # there is one thread so far
    )

    def terminate(_number: int, _frame: FrameType | None) -> None:
        end(child.pid, grace)

    signal.signal(signal.SIGTERM, terminate)
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.close()
    threading.Thread(target=end_when_let_go, args=(child.pid, grace), daemon=True).start()
    code = child.wait()
    signal_group(child.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    # The waiting thread may hold the lock of standard input: leave without closing the streams.
    os._exit(main())
