"""What a person gives to prove a factor."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["app", "key", "code"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A code of an app, a recovery code, or what a key said to our question (``state``)."""

    method: Method
    code: str = ""
    response: str = ""
    state: str = ""
