"""Detect lasting switches between 존댓말 (polite) and 반말 (casual).

One casual message among polite ones is not a switch. A person has switched if most of their latest messages with a
speech level have the other style. The switch dates from the first of those messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain import LevelSwitch, SpeechLevel

POLITE = "존댓말"
CASUAL = "반말"
STYLES: Mapping[SpeechLevel, str] = {
    SpeechLevel.HASIPSIO: POLITE,
    SpeechLevel.HAEYO: POLITE,
    SpeechLevel.HAE: CASUAL,
    SpeechLevel.HAERA: CASUAL,
}
_WINDOW_SIZE = 10
_MIN_IN_WINDOW = 8
_MAX_SWITCHES = 20


@dataclass
class SwitchTracker:
    """The current style of one person, the styles of their latest messages, and their latest switches."""

    style: str | None = None
    latest: list[tuple[str, datetime]] = field(default_factory=list)
    switches: list[LevelSwitch] = field(default_factory=list)

    def add(self, messages: Iterable[tuple[SpeechLevel, datetime]]) -> None:
        """Add the levels and times of messages, oldest first."""
        styled = [*self.latest, *((STYLES[level], sent_at) for level, sent_at in messages if level in STYLES)]
        for end, (style, _) in enumerate(styled, 1):
            if style != self.style and end > len(self.latest):
                self._check_switch(style, styled[max(end - _WINDOW_SIZE, 0) : end])
        self.latest = styled[-_WINDOW_SIZE:]

    def _check_switch(self, style: str, window: list[tuple[str, datetime]]) -> None:
        """Record a switch if most messages of the window are in ``style``."""
        times = [sent_at for other, sent_at in window if other == style]
        if len(times) < _MIN_IN_WINDOW:
            return
        if self.style is not None:
            self.switches = [*self.switches, LevelSwitch(times[0], self.style, style)][-_MAX_SWITCHES:]
        self.style = style

    def to_document(self) -> dict[str, Any]:
        """Return the tracker as plain JSON."""
        return {
            "style": self.style,
            "latest": [(style, sent_at.isoformat()) for style, sent_at in self.latest],
            "switches": [(switch.at.isoformat(), switch.before, switch.after) for switch in self.switches],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> SwitchTracker:
        """Return the tracker that ``to_document`` wrote."""
        return cls(
            document["style"],
            [(style, datetime.fromisoformat(at)) for style, at in document["latest"]],
            [LevelSwitch(datetime.fromisoformat(at), before, after) for at, before, after in document["switches"]],
        )
