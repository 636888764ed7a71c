"""Figures of a chat: statistics, speech, sentiment and emotion. Pure functions over domain data."""
