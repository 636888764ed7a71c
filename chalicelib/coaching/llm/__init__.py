"""The question to a language model and the checks of its answer. ``services/ai/claude.py`` calls the model."""
