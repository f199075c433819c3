"""What ends the story early."""


class StoryError(Exception):
    """What happened is not what the story says. The message says what was to be, and what was."""
