"""An invented chat in KakaoTalk's four Korean export formats; ``make demo`` shows it."""
