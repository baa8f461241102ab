"""Program of the environment of requirements/readers.txt: reads files as `conversas convert` writes them, or fails.

`python judge.py openai|mistral|datasets FILE...`, or `page PAGE`, which runs the blocks that are marked `py`.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = str(Path("huggingface").absolute())


def read_lines(*files: str) -> list[Any]:
    return [json.loads(line) for file in files for line in Path(file).read_bytes().splitlines()]


def openai(*files: str) -> int:
    """Check each message against the types of openai; return how many there are."""
    from openai.types.chat import ChatCompletionMessageParam
    from pydantic import TypeAdapter

    adapter = TypeAdapter(list[ChatCompletionMessageParam])
    chats = [chat for line in read_lines(*files) for chat in _chats(line)]
    for chat in chats:
        adapter.validate_python(chat)
    return sum(map(len, chats))


def _chats(line: dict[str, Any]) -> list[list[dict[str, str]]]:
    return [line["messages"]] if "messages" in line else [[*line["prompt"], *line["completion"]]]


def mistral(*files: str) -> int:
    """Check each chat as an example of fine-tuning; return how many there are."""
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import MistralRequestValidatorV3, ValidationMode

    validator = MistralRequestValidatorV3(mode=ValidationMode.finetuning)
    chats = [chat for line in read_lines(*files) for chat in _chats(line)]
    for chat in chats:
        validator.validate_request(ChatCompletionRequest(messages=chat, model="any"))
    return len(chats)


def datasets(*files: str) -> int:
    """Load the files as one data set, and check that it has the lines; return how many there are."""
    from datasets import load_dataset

    loaded = load_dataset("json", data_files=list(files), split="train", cache_dir="cache")
    if list(loaded) != read_lines(*files):
        raise ValueError("the data set has other values than the lines")
    return len(loaded)


def page(file: str) -> str:
    """Run the blocks of a page."""
    for block in re.findall(r"^```py\n(.*?)^```$", Path(file).read_text("utf-8"), re.MULTILINE | re.DOTALL):
        exec(block, {})  # our own words
    return "done"


JUDGES: dict[str, Callable[..., object]] = {"openai": openai, "mistral": mistral, "datasets": datasets, "page": page}

if __name__ == "__main__":
    print("judged:", JUDGES[sys.argv[1]](*sys.argv[2:]))  # noqa: T201
