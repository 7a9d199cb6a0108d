"""Whether a PDF or a sound file holds together: the first bytes alone say nothing of the rest."""

import re
import struct

_HEAD = re.compile(rb"%PDF-[12]\.\d\s")
_TAIL = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\0]*\Z")
_TAIL_BYTES = 1024
_TABLE = re.compile(rb"\s*(?:xref\s|\d{1,10}\s+\d{1,5}\s+obj\b)")
_ROOT = re.compile(rb"/Root\s+\d+\s+\d+\s+R\b")


def is_pdf(content: bytes) -> bool:
    """Whether it begins as a PDF, ends as one, and what the end points to is a table of its
    objects that names a document: so far every reader goes before it opens one."""
    end = _TAIL.search(content[-_TAIL_BYTES:])
    if _HEAD.match(content) is None or end is None:
        return False
    at = int(end[1])
    return (
        at < len(content)
        and _TABLE.match(content, at) is not None
        and _ROOT.search(content, at) is not None
    )


def is_wave(content: bytes) -> bool:
    """Whether it is a RIFF file of sound whose pieces fit into it: a format somebody can play,
    then data. Bytes behind the RIFF size are none of its own."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return False
    (size,) = struct.unpack_from("<I", content, 4)
    if size + 8 > len(content) or len(content) > size + 9:
        return False
    at, playable = 12, False
    while at + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        at += 8
        if at + length > len(content):
            return False
        if name == b"fmt " and length >= 16:
            channels, rate = struct.unpack_from("<HI", content, at + 2)
            playable = 1 <= channels <= 8 and 1_000 <= rate <= 400_000
        if name == b"data":
            return playable and length > 0
        at += length + length % 2
    return False


_BITRATES = {  # kbit/s of layer III
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_FRAMES = 3  # so many in a row are no accident
_OLD_TAG = 128


def is_mp3(content: bytes) -> bool:
    """Whether frames of MPEG layer III follow each other, behind a tag if there is one."""
    at = _behind_tag(content)
    if at is None:
        return False
    found, end = 0, len(content)
    if content[-_OLD_TAG : -_OLD_TAG + 3] == b"TAG":
        end -= _OLD_TAG
    while found < _FRAMES and at < end:
        length = _frame(content[at : at + 4])
        if length is None or at + length > end:
            return False
        at += length
        found += 1
    return found == _FRAMES


def _behind_tag(content: bytes) -> int | None:
    """Where the sound begins: at once, or behind an ID3 tag and the zeros that fill it up."""
    if content[:3] != b"ID3":
        return 0
    sizes = content[6:10]
    if len(sizes) < 4 or any(byte > 127 for byte in sizes) or content[3] not in (2, 3, 4):
        return None
    at = 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(sizes)))
    while at < len(content) and content[at] == 0:
        at += 1
    return at


def _frame(head: bytes) -> int | None:
    """The length of the frame that begins with these four bytes."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # the sync, and layer III
        return None
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or not 1 <= bitrate <= 14 or rate == 3:
        return None
    generation = 1 if version == 3 else 2
    bits = _BITRATES[generation][bitrate] * 1000
    return (144 // generation) * bits // _RATES[version][rate] + (head[2] >> 1 & 1)
