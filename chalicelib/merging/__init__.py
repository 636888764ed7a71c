"""Matching of an export to its room, and the merge of the two."""
