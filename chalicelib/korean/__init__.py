"""The Korean language: syllables, particles, endings, verbs, nouns and function morphemes."""
