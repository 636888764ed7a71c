"""Replacement of personal data in texts, before a model sees them and before quotes are stored."""
