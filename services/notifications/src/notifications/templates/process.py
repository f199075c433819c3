"""The process that renders mails in the words of organisations.

Run as ``python -m notifications.templates.process 536870912``, with the bytes of memory that it may use.
It reads tasks from its input and writes outcomes to its output, each a length of four bytes and JSON. The
operating system limits each task: CPU time, beyond which the process is killed, and memory. So a slow template
can block neither an event loop nor another organisation's mails (NOT-2).
"""

import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

from pydantic import TypeAdapter

from notifications.templates.task import Outcome, Task, TooLarge, carry_out

CPU_SECONDS = 2
"""CPU time that one task may take."""
LENGTH = struct.Struct(">I")

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def main(memory: int) -> None:
    """Carry out tasks until the input ends; out of memory, report it and end. ``memory`` is in bytes."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    while (task := _read(sys.stdin.buffer)) is not None:
        _bound_cpu()
        try:
            answer = _OUTCOME.dump_json(carry_out(Task.model_validate_json(task)))
        except MemoryError:
            _answer(answers, _OUTCOME.dump_json(TooLarge()))
            return
        _answer(answers, answer)


def _bound_cpu() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(tasks: BinaryIO) -> bytes | None:
    head = tasks.read(LENGTH.size)
    return tasks.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(answers: BinaryIO, answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)) + answer)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
