"""Files of forms on their way to the disk."""

import os
from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 32


class ShortNameUploadHandler(TemporaryFileUploadHandler):
    """Django's, but for the client's file extension, which it makes part of the temporary file's name.

    A long title with a point in it is all extension, and longer than a name on disk may be.
    """

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        stem, extension = os.path.splitext(file_name)
        name = stem if len(extension.encode()) > MOST_BYTES else file_name
        super().new_file(field_name, name, *args, **kwargs)
