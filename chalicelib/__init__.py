"""Love Q's code: everything that is deployed beside ``app.py``."""

from chalicelib import lazily

# A request needs few of them, and whoever asks first after a pause waits for what is loaded.
lazily.load("chalicelib.services", "chalicelib.repositories", "chalicelib.api")
