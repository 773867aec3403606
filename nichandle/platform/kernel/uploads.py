"""
Files that people send: into memory, never to a disk in clear, and only where a page wants them.

Set as the only upload handler, so that no form of the product can be made to keep a file.
"""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

KEPT = 10 * 1024 * 1024
"""Of a larger file the size is known and the content is not."""
READ_WHERE_WANTED = 32 * 1024 * 1024
READ_ELSEWHERE = 1024 * 1024


class UploadTooLarge(RequestDataTooBig):
    """Refused by its announced length, before anything is read."""


class Guarded(FileUploadHandler):
    """Keeps up to 10 MB of each file, on the pages of ``settings.UPLOAD_PAGES`` alone."""

    def handle_raw_input(  # type: ignore[override]  # the rest is not needed here
        self,
        _input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's own name
        content_length: int,
        *_more: Any,
        **_named: Any,
    ) -> None:
        self.wanted = str(META.get("PATH_INFO", "")).startswith(settings.UPLOAD_PAGES)
        if content_length > (READ_WHERE_WANTED if self.wanted else READ_ELSEWHERE):
            raise UploadTooLarge

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self.wanted:
            raise SkipFile
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes | None:
        if self.content.tell() < KEPT + self.chunk_size:
            self.content.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self.content.seek(0)
        return InMemoryUploadedFile(
            file=self.content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )
