"""How large a file may be, in bytes; a request is checked before what reads files is loaded."""

from __future__ import annotations

MAX_INLINE = 4 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
