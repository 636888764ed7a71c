"""Read a chat with a public parser: ``python -I peers.py PARSER FILE`` prints its messages and CPU seconds as JSON.

Runs in the parsers' own virtual environment, without Love Q. Only the call of the parser is timed.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_Message = tuple[datetime, str, str]
# For a file, a parser has a call to time, and a function that turns the call's result into messages.
_Parse = Callable[[], Any]
_ToMessages = Callable[[Any], Iterable[_Message]]
_Open = Callable[[str], tuple[_Parse, _ToMessages]]

# The chats have times of Seoul. From JSON, chat-miner returns times in UTC.
_SEOUL_OFFSET = timedelta(hours=9)
_NO_OFFSET = timedelta()


def _kakaotalk_msg_preprocessor(path: str) -> tuple[_Parse, _ToMessages]:
    parser = importlib.import_module("kakaotalk_msg_preprocessor")
    return (
        lambda: parser.parse(parser.check_export_file_type(path), path),
        lambda rows: ((row["datetime"], row["user_name"], row["text"]) for row in rows),
    )


def _kakaotalkparse(path: str) -> tuple[_Parse, _ToMessages]:
    parser = importlib.import_module("kakaotalkparse").KakaoTalkParse()
    parser.setSrcTZ("Asia/Seoul")

    def to_messages(rows: Any) -> Iterable[_Message]:
        """Join the lines of a message: the parser returns each line on its own."""
        messages: list[_Message] = []
        for row in rows:
            if row.get("type") != "append":
                messages.append((row["msgTime"], row["speaker"], row["message"]))
            elif messages:
                at, speaker, text = messages[-1]
                messages[-1] = (at, speaker, f"{text}\n{row['message']}")
        return messages

    return lambda: parser.parse(parser.open(path)), to_messages


def _kakao_chat_parser(path: str) -> tuple[_Parse, _ToMessages]:
    parser = importlib.import_module("kakao_chat_parser")
    return (
        lambda: parser.ChatParser(path).get_chat(),
        lambda rows: ((row["date"], row["member"], row["message"].strip()) for row in rows),
    )


def _kakao_analyzer(path: str) -> tuple[_Parse, _ToMessages]:
    loader = importlib.import_module("kakao_analyzer.io_loader").KakaoDataLoader()
    return (
        lambda: loader.load_csv(path),
        lambda frame: zip(frame["datetime"].dt.to_pydatetime(), frame["user"], frame["message"], strict=True),
    )


def _whatstk(path: str) -> tuple[_Parse, _ToMessages]:
    parser = importlib.import_module("whatstk")
    return (
        lambda: parser.df_from_whatsapp(path),
        lambda frame: zip(frame["date"].dt.to_pydatetime(), frame["username"], frame["message"], strict=True),
    )


def _chat_miner(class_name: str, offset: timedelta) -> _Open:
    def open_parser(path: str) -> tuple[_Parse, _ToMessages]:
        parser = _chat_miner_parser(class_name, path)

        def parse() -> Any:
            """Parse, and make the data frame, which is the only access to the messages."""
            parser.parse_file()
            return parser.parsed_messages.get_df()

        return parse, lambda frame: ((at + offset, sender, text) for at, sender, text in frame.iter_rows())

    return open_parser


def _chat_miner_without_frame(class_name: str) -> _Open:
    """Parse without making the data frame. That returns no messages."""
    return lambda path: (_chat_miner_parser(class_name, path).parse_file, lambda _: ())


def _chat_miner_parser(class_name: str, path: str) -> Any:
    chatparsers = importlib.import_module("chatminer.chatparsers")
    logging.getLogger().setLevel(logging.ERROR)
    return getattr(chatparsers, class_name)(path)


# By package, followed by the app for a package with several parsers.
_PARSERS: dict[str, _Open] = {
    "kakaotalk-msg-preprocessor": _kakaotalk_msg_preprocessor,
    "kakaotalkparse": _kakaotalkparse,
    "kakao-chat-parser": _kakao_chat_parser,
    "kakao-analyzer": _kakao_analyzer,
    "whatstk": _whatstk,
    "chat-miner whatsapp": _chat_miner("WhatsAppParser", _NO_OFFSET),
    "chat-miner telegram": _chat_miner("TelegramJsonParser", _SEOUL_OFFSET),
    "chat-miner instagram": _chat_miner("InstagramJsonParser", _SEOUL_OFFSET),
    "chat-miner telegram without get_df": _chat_miner_without_frame("TelegramJsonParser"),
    "chat-miner instagram without get_df": _chat_miner_without_frame("InstagramJsonParser"),
}


def main(name: str, path: str) -> None:
    """Read the file and print the outcome. A parser that is missing or fails prints an ``error``."""
    try:
        version = importlib.metadata.version(name.partition(" ")[0])
    except importlib.metadata.PackageNotFoundError:
        print(json.dumps({"error": "not installed"}))
        return
    with redirect_stdout(sys.stderr):
        outcome = _read(name, path)
    print(json.dumps({"version": version, **outcome}))


def _read(name: str, path: str) -> dict[str, Any]:
    try:
        parse, to_messages = _PARSERS[name](path)
        start = time.process_time()
        result = parse()
        seconds = time.process_time() - start
        messages = [[at.replace(tzinfo=None).isoformat(), sender, text] for at, sender, text in to_messages(result)]
    except Exception as error:  # noqa: BLE001 (a parser may raise anything)
        return {"error": f"fails: {type(error).__name__}"}
    return {"seconds": seconds, "messages": messages}


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2]).resolve()))
