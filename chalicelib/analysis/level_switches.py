"""When somebody goes over from 존댓말 to 반말, or back.

One casual line among polite ones is no switch. A person speaks politely or
casually; they have switched when most of their latest messages that have a
level are at the other one, and the switch dates from the first of those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain import LevelSwitch, SpeechLevel

POLITE = "존댓말"
CASUAL = "반말"
STYLES = {
    SpeechLevel.HASIPSIO: POLITE,
    SpeechLevel.HAEYO: POLITE,
    SpeechLevel.HAE: CASUAL,
    SpeechLevel.HAERA: CASUAL,
}
LATEST = 10
NEEDED = 8
SWITCHES_KEPT = 20


@dataclass
class SwitchWatch:
    """One person's latest styles, and the switches seen."""

    style: str | None = None
    latest: list[tuple[str, datetime]] = field(default_factory=list)
    switches: list[LevelSwitch] = field(default_factory=list)

    def see(self, said: Iterable[tuple[SpeechLevel, datetime]]) -> None:
        """Take note of messages' levels and when they were said, in time's order."""
        styled = [*self.latest, *((STYLES[level], at) for level, at in said if level in STYLES)]
        for end, (style, _) in enumerate(styled, 1):
            if style != self.style and end > len(self.latest):
                self._look_at(style, styled[max(end - LATEST, 0) : end])
        self.latest = styled[-LATEST:]

    def _look_at(self, style: str, latest: list[tuple[str, datetime]]) -> None:
        """Say that somebody switched, where most of their latest messages are in ``style``."""
        times = [time for other, time in latest if other == style]
        if len(times) < NEEDED:
            return
        if self.style is not None:
            self.switches = [*self.switches, LevelSwitch(times[0], self.style, style)][-SWITCHES_KEPT:]
        self.style = style

    def to_document(self) -> dict[str, Any]:
        """This as plain JSON."""
        return {
            "style": self.style,
            "latest": [(style, at.isoformat()) for style, at in self.latest],
            "switches": [(switch.at.isoformat(), switch.before, switch.after) for switch in self.switches],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> SwitchWatch:
        """What ``to_document`` wrote."""
        return cls(
            document["style"],
            [(style, datetime.fromisoformat(at)) for style, at in document["latest"]],
            [LevelSwitch(datetime.fromisoformat(at), before, after) for at, before, after in document["switches"]],
        )
