"""Love Q's code: everything that is deployed beside ``app.py``."""
