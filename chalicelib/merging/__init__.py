"""How an export joins its room: which messages and names match, and what is kept."""
