"""A particle follows the last sound of its word."""

from __future__ import annotations

import pytest

from chalicelib.korean.particles import with_particle


@pytest.mark.parametrize(
    ("word", "particles", "expected"),
    [
        ("떡볶이", "은/는", "떡볶이는"),
        ("라면", "은/는", "라면은"),
        ("서울", "으로/로", "서울로"),
        ("형", "이랑/랑", "형이랑"),
    ],
)
def test_a_particle_follows_the_last_sound(word, particles, expected):
    assert with_particle(word, particles) == expected
