"""The local stack: replaces AWS on a developer's machine, using only loopback and the folder `.local/`."""
