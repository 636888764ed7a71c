"""The local coach: from a briefing to three replies, without I/O. ``llm`` prepares and checks a model's answer."""
