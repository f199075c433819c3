"""The story that `make demo` plays: a dance school's year through all five services, over HTTP, shown as it happens.

It asserts what it says: it stops at the first amount that differs, and names it.
"""

from carnet_play.story.playing import play

__all__ = ["play"]
