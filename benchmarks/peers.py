"""Reads a chat with a public parser: ``python -I peers.py PARSER FILE`` prints what it found and the seconds it took.

Runs in the parsers' own virtual environment and knows nothing of Love Q. Only
the parser's own call is timed, as the processor's time.
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

Message = tuple[datetime, str, str]
# For a file: the parser's call, and what makes messages of what it returns.
Call = Callable[[], Any]
Shape = Callable[[Any], Iterable[Message]]
Open = Callable[[str], tuple[Call, Shape]]

# The chats are of Seoul, and from JSON chat-miner gives times in UTC.
FROM_UTC = timedelta(hours=9)
AS_WRITTEN = timedelta()


def _kakaotalk_msg_preprocessor(path: str) -> tuple[Call, Shape]:
    parser = importlib.import_module("kakaotalk_msg_preprocessor")
    return (
        lambda: parser.parse(parser.check_export_file_type(path), path),
        lambda found: ((one["datetime"], one["user_name"], one["text"]) for one in found),
    )


def _kakaotalkparse(path: str) -> tuple[Call, Shape]:
    parser = importlib.import_module("kakaotalkparse").KakaoTalkParse()
    parser.setSrcTZ("Asia/Seoul")

    def shape(found: Any) -> Iterable[Message]:
        """It gives line by line; some continue the message before."""
        messages: list[Message] = []
        for one in found:
            if one.get("type") != "append":
                messages.append((one["msgTime"], one["speaker"], one["message"]))
            elif messages:
                at, speaker, text = messages[-1]
                messages[-1] = (at, speaker, f"{text}\n{one['message']}")
        return messages

    return lambda: parser.parse(parser.open(path)), shape


def _kakao_chat_parser(path: str) -> tuple[Call, Shape]:
    parser = importlib.import_module("kakao_chat_parser")
    return (
        lambda: parser.ChatParser(path).get_chat(),
        lambda found: ((one["date"], one["member"], one["message"].strip()) for one in found),
    )


def _kakao_analyzer(path: str) -> tuple[Call, Shape]:
    loader = importlib.import_module("kakao_analyzer.io_loader").KakaoDataLoader()
    return (
        lambda: loader.load_csv(path),
        lambda found: zip(found["datetime"].dt.to_pydatetime(), found["user"], found["message"], strict=True),
    )


def _whatstk(path: str) -> tuple[Call, Shape]:
    parser = importlib.import_module("whatstk")
    return (
        lambda: parser.df_from_whatsapp(path),
        lambda found: zip(found["date"].dt.to_pydatetime(), found["username"], found["message"], strict=True),
    )


def _chat_miner(kind: str, later: timedelta) -> Open:
    def open_(path: str) -> tuple[Call, Shape]:
        parser = _parser_of_chat_miner(kind, path)

        def call() -> Any:
            """Nobody gets its messages otherwise."""
            parser.parse_file()
            return parser.parsed_messages.get_df()

        return call, lambda found: ((at + later, who, text) for at, who, text in found.iter_rows())

    return open_


def _parse_file_of_chat_miner(kind: str) -> Open:
    """Its parsing alone, which returns nothing."""
    return lambda path: (_parser_of_chat_miner(kind, path).parse_file, lambda _: ())


def _parser_of_chat_miner(kind: str, path: str) -> Any:
    chatparsers = importlib.import_module("chatminer.chatparsers")
    logging.getLogger().setLevel(logging.ERROR)
    return getattr(chatparsers, kind)(path)


# By package; where one has several, with the app that each is for.
PARSERS: dict[str, Open] = {
    "kakaotalk-msg-preprocessor": _kakaotalk_msg_preprocessor,
    "kakaotalkparse": _kakaotalkparse,
    "kakao-chat-parser": _kakao_chat_parser,
    "kakao-analyzer": _kakao_analyzer,
    "whatstk": _whatstk,
    "chat-miner whatsapp": _chat_miner("WhatsAppParser", AS_WRITTEN),
    "chat-miner telegram": _chat_miner("TelegramJsonParser", FROM_UTC),
    "chat-miner instagram": _chat_miner("InstagramJsonParser", FROM_UTC),
    "chat-miner telegram without get_df": _parse_file_of_chat_miner("TelegramJsonParser"),
    "chat-miner instagram without get_df": _parse_file_of_chat_miner("InstagramJsonParser"),
}


def main(name: str, path: str) -> None:
    """Read and print; a parser that is missing or fails is an ``error``."""
    try:
        version = importlib.metadata.version(name.partition(" ")[0])
    except importlib.metadata.PackageNotFoundError:
        print(json.dumps({"error": "not installed"}))
        return
    with redirect_stdout(sys.stderr):
        outcome = _outcome(name, path)
    print(json.dumps({"version": version, **outcome}))


def _outcome(name: str, path: str) -> dict[str, Any]:
    try:
        call, shape = PARSERS[name](path)
        started = time.process_time()
        found = call()
        seconds = time.process_time() - started
        messages = [[at.replace(tzinfo=None).isoformat(), sender, text] for at, sender, text in shape(found)]
    except Exception as error:  # noqa: BLE001 (whatever they raise is what they do)
        return {"error": f"fails: {type(error).__name__}"}
    return {"seconds": seconds, "messages": messages}


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2]).resolve()))
