"""JPEG files as a row of segments: how much work they are, and what they hold beside the picture."""

import re
from collections.abc import Iterator

MOST_SCANS = 100  # encoders need some ten; libtiff draws the same line for JPEG in TIFF

# Markers with a length, and the end (ITU-T T.81, table B.1). All others are errors or have no length: whoever
# took the bytes behind them for one could be led past the scans.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_START, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", b"\xff\xda"
_APPLICATION_DATA = b"\xff\xe0"
_NUMBER_OF_LINES = b"\xff\xdc"  # decoders skip it unread, so it could hold anything
# APP0 (square pixels, no thumbnail) makes the colours YCbCr; Adobe's APP14 says what they are.
_JFIF = b"\xff\xe0\x00\x10JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_APP1, _XMP = b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0"  # XMP specification, part 3, 1.1.3
_ADOBE = b"\xff\xee\x00\x0eAdobe"


def has_too_many_scans(data: bytes) -> bool:
    """Whether the first picture in `data` has more than MOST_SCANS scans, without decoding any of them.

    Each is a pass over all pixels, however few bytes it has: a file of a megabyte can take minutes.
    """
    scans = 0
    for segment in _segments(data):
        scans += segment.startswith(_SCAN)
        if scans > MOST_SCANS:
            return True
    return False


def without_metadata(data: bytes, *, xmp: bytes = b"") -> bytes:
    """The first picture in `data`, exactly, and nothing else: no EXIF, profile, comment or thumbnail.

    Its XMP is the packet `xmp`, if there is one.
    """
    needed = [kept for segment in _segments(data) if (kept := _needed(segment))]
    if xmp:
        length = (2 + len(_XMP) + len(xmp)).to_bytes(2)
        needed.insert(_JFIF in needed, b"".join([_APP1, length, _XMP, xmp]))  # JFIF is the first where it is
    return b"".join([_START, *needed, _END])


def _segments(data: bytes) -> Iterator[bytes]:
    """From marker to marker; a scan is one segment with its coded pixels."""
    position = len(_START)
    while (marker := _MARKER.search(data, position)) and marker.group() != _END:
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
        if marker.group() == _SCAN:
            following = _MARKER.search(data, position)
            position = following.start() if following else len(data)
        yield data[marker.start() : position]


def _needed(segment: bytes) -> bytes:
    if segment[:2] == _NUMBER_OF_LINES:
        return b""
    if segment[:2] < _APPLICATION_DATA:
        return segment
    if segment[:2] == _JFIF[:2] and segment[4:9] == _JFIF[4:9]:
        return _JFIF
    if segment[:2] == _ADOBE[:2] and segment[4:9] == _ADOBE[4:9]:
        return _ADOBE + segment[9:16]
    return b""
