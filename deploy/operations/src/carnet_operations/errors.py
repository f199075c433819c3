"""The faults that end a command with a sentence instead of a traceback."""


class CommandError(Exception):
    """A command cannot do what it was asked to do. The message is for a person and says what to do."""
