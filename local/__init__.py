"""The local stack: what stands in for AWS on a developer's machine, on loopback and in `.local/` alone."""
