"""What things are in Love Q, as plain data.

Nothing here knows HTTP, SQL or AWS. Times are aware datetimes; texts are NFC.
"""

from chalicelib.domain.accounts import Caller, Consents, Profile, Turns
from chalicelib.domain.chats import (
    KEPT_FOR,
    Chat,
    File,
    FileStatus,
    KeptMessage,
    Kind,
    LineReport,
    Message,
    Participant,
    Role,
    Room,
)
from chalicelib.domain.coaching import (
    Action,
    Briefing,
    Coaching,
    Evidence,
    Help,
    Interest,
    PartnerFacts,
    Recommendation,
    Response,
    ResponseType,
    Signal,
    Trait,
    Turn,
)
from chalicelib.domain.speech import Emotions, Habit, LevelSwitch, Speech, SpeechLevel
from chalicelib.domain.statistics import ParticipantStatistics, Quantiles, RoomStatistics, Week, WordCount

__all__ = [
    "KEPT_FOR",
    "Action",
    "Briefing",
    "Caller",
    "Chat",
    "Coaching",
    "Consents",
    "Emotions",
    "Evidence",
    "File",
    "FileStatus",
    "Habit",
    "Help",
    "Interest",
    "KeptMessage",
    "Kind",
    "LevelSwitch",
    "LineReport",
    "Message",
    "Participant",
    "ParticipantStatistics",
    "PartnerFacts",
    "Profile",
    "Quantiles",
    "Recommendation",
    "Response",
    "ResponseType",
    "Role",
    "Room",
    "RoomStatistics",
    "Signal",
    "Speech",
    "SpeechLevel",
    "Trait",
    "Turn",
    "Turns",
    "Week",
    "WordCount",
]
