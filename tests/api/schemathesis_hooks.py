"""What schemathesis cannot know of Love Q: ids that exist, and the names of time zones."""

import json
import os
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st

KNOWN_IDS = json.loads(os.environ.get("API_KNOWN_IDS", "[]"))

made_up = st.uuids().map(str)
schemathesis.openapi.format("uuid", st.one_of(st.sampled_from(KNOWN_IDS), made_up) if KNOWN_IDS else made_up)
schemathesis.openapi.format("timezone", st.sampled_from(sorted(available_timezones() - {"localtime"})))
