"""The story that `make demo` plays: a dance school's year through all five services, over HTTP, shown as it happens.

It asserts what it says: where an amount is not what it says, it stops and says which.
"""

from carnet_play.story.playing import play

__all__ = ["play"]
