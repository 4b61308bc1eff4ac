"""What can be wrong with a file."""

from mixillo.errors import AppError, Conflict, NotFound, UnsupportedMediaType


class FileNotThere(NotFound):
    """Nothing is kept under this key."""

    code, title = "file_not_found", "There is no such file"


class TooLarge(AppError):
    """The file has more bytes than are taken; nothing beyond the limit is read."""

    status, code, title = 413, "file_too_large", "The file is too large"


class WrongType(UnsupportedMediaType):
    """By its content the file is of no type that is taken."""

    code, title = "file_type_not_supported", "Files of this type are not taken"


class Unreadable(AppError):
    """The file begins like one of its type, and cannot be read as one."""

    status, code, title = 400, "file_unreadable", "The file cannot be read"


class UploadIsBusy(AppError):
    """Another request is writing to this upload, or was a moment ago."""

    status, code, title = 423, "upload_busy", "The upload is being written to"


class UploadNotOpen(Conflict):
    """Its bytes have all arrived, or it is no longer wanted."""

    code, title = "upload_not_open", "The upload takes no bytes now"


class WrongOffset(Conflict):
    """The bytes that were sent do not follow those that are stored."""

    code, title = "upload_offset_mismatch", "The bytes do not follow those that are stored"


class NotAllThere(Conflict):
    """The file has not arrived as a whole."""

    code, title = "upload_incomplete", "The file has not arrived as a whole"


class UploadGone(AppError):
    """The upload was refused or given up; its bytes are gone."""

    status, code, title = 410, "upload_gone", "The upload was given up"
