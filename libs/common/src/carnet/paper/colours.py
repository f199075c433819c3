"""The organisation's colour, and two that go with it: one that can be read on white, one to print on."""

STANDARD = "#2f4b7c"
"""The colour of an organisation that has chosen none."""
_LEGIBLE = 4.5
"""The contrast of text with its ground that WCAG asks for."""


def palette(colour: str | None) -> dict[str, str]:
    """The colours of a document, each ``#rrggbb``.

    >>> palette("#ffcc00")
    {'colour': '#ffcc00', 'dark': '#8b6e00', 'tint': '#fffbeb'}
    """
    colour = colour or STANDARD
    channels = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    tint = [255 - (255 - channel) * 8 // 100 for channel in channels]
    dark = channels
    while _contrast(dark, tint) < _LEGIBLE:
        dark = [channel * 96 // 100 for channel in dark]
    return {"colour": colour, "dark": _hex(dark), "tint": _hex(tint)}


def _hex(channels: list[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _contrast(one: list[int], other: list[int]) -> float:
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(channels: list[int]) -> float:
    linear = [(value / 255 / 12.92) if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
