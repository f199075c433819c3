"""The folders below that of a suite."""

DATA = "data"
"""What the servers keep: databases, topics, mails."""

SANDBOX_FILE = "sandbox/book.sqlite"
"""Below the data: everything that the sandbox did."""

LOGS = "logs"
"""A file per process of this run, and of the run before."""

DEMO = "demo"
"""The folder of the demo's own suite, kept until the next demo, to look at."""
