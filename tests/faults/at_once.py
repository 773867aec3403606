"""
A fresh web process whose first visitors all come at the same moment, each from a network of theirs.

    python -m tests.faults.at_once PASSWORD IDENTIFIER…

Prints, as JSON, the status that each of them was answered with.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

django.setup()

from django.db import connection  # noqa: E402 - there are no settings before
from django.test import Client  # noqa: E402 - there are no settings before


def main(password: str, *identifiers: str) -> None:
    together = Barrier(len(identifiers))

    def sign_in(number: int) -> int:
        visitor = Client(
            HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.{number}.7", raise_request_exception=False
        )
        connection.ensure_connection()
        together.wait()
        given = {"identifier": identifiers[number], "password": password}
        answer = visitor.post("/signin", given)
        connection.close()
        return answer.status_code

    with ThreadPoolExecutor(len(identifiers)) as pool:
        answers = list(pool.map(sign_in, range(len(identifiers))))
    print(json.dumps(answers))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
