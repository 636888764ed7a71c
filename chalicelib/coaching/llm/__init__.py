"""What a language model is asked, and how its answer is checked. It is called in ``services/ai/claude.py``."""
