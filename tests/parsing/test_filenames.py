"""The name of an exported file may contain the partner's name."""

from __future__ import annotations

import unicodedata

import pytest

from chalicelib.parsing.filenames import partner_in_filename


@pytest.mark.parametrize(
    ("filename", "partner"),
    [
        ("KakaoTalk_Chat_바다_2026-04-22-12-40-45.csv", "바다"),
        ("KakaoTalk_Chat_바다_하늘_2026-04-22-12-40-45.csv", "바다_하늘"),
        ("WhatsApp Chat with Bada.txt", "Bada"),
        ("WhatsApp Chat - Bada Kim.zip", "Bada Kim"),
        ("WhatsApp Chat with Bada", "Bada"),
        ("[LINE] 바다님과의 대화.txt", "바다"),
        ("[LINE]花子とのトーク.txt", "花子"),
        (unicodedata.normalize("NFD", "[LINE] 바다님과의 대화.txt"), "바다"),
        ("KakaoTalkChats.txt", None),
        ("바다.csv", None),
        ("", None),
    ],
)
def test_the_partners_name_is_read_from_the_name_of_an_exported_file(filename, partner):
    assert partner_in_filename(filename) == partner
