"""Values for schemathesis that it cannot derive from the document: existing ids and time zones."""

from __future__ import annotations

import json
import os
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st

KNOWN_IDS = json.loads(os.environ.get("API_KNOWN_IDS", "[]"))

random_ids = st.uuids().map(str)
schemathesis.openapi.format("uuid", st.one_of(st.sampled_from(KNOWN_IDS), random_ids) if KNOWN_IDS else random_ids)
schemathesis.openapi.format("timezone", st.sampled_from(sorted(available_timezones() - {"localtime"})))
