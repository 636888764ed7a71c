"""What things are in Love Q, as plain data.

Nothing here knows HTTP, SQL or AWS. Times are aware datetimes; texts are NFC.
"""

from chalicelib.domain.accounts import Caller, Consents, Profile, Receipt, Turns
from chalicelib.domain.chats import (
    KEPT_FOR,
    LONGEST_NAME,
    Chat,
    Examples,
    File,
    FileStatus,
    KeptMessage,
    Kind,
    LineReport,
    Message,
    Participant,
    Role,
    Room,
    role_of,
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
from chalicelib.domain.emotions import Entity, TextEmotion
from chalicelib.domain.partners import PartnerAnalysis, TraitEvidence
from chalicelib.domain.records import CoachingTurn, PartnerProfile
from chalicelib.domain.speech import Emotions, Habit, LevelSwitch, Speech, SpeechLevel
from chalicelib.domain.statistics import EmotionPoint, ParticipantStatistics, Quantiles, RoomStatistics, Week, WordCount

__all__ = [
    "KEPT_FOR",
    "LONGEST_NAME",
    "Action",
    "Briefing",
    "Caller",
    "Chat",
    "Coaching",
    "CoachingTurn",
    "Consents",
    "EmotionPoint",
    "Emotions",
    "Entity",
    "Evidence",
    "Examples",
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
    "PartnerAnalysis",
    "PartnerFacts",
    "PartnerProfile",
    "Profile",
    "Quantiles",
    "Receipt",
    "Recommendation",
    "Response",
    "ResponseType",
    "Role",
    "Room",
    "RoomStatistics",
    "Signal",
    "Speech",
    "SpeechLevel",
    "TextEmotion",
    "Trait",
    "TraitEvidence",
    "Turn",
    "Turns",
    "Week",
    "WordCount",
    "role_of",
]
