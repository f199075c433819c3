"""The story that `make demo` plays: a dance school's year through all five services, over HTTP, told as it happens.

It asserts what it tells: where an amount is not what it says, it stops and says which.
"""

from carnet_play.story.playing import play

__all__ = ["play"]
