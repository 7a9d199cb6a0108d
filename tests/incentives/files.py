"""Small files of evidence that hold together."""

import struct


def pdf(text: str = "hello", *, newline: bytes = b"\n") -> bytes:
    """A PDF of one page, with a table of its objects."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    content, places = b"%PDF-1.7" + newline, []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(content)
    content += b"xref\n0 5\n0000000000 65535 f \n"
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size 5 /Root 1 0 R >>\n"
    return content + b"startxref\n%d\n%%%%EOF\n" % table


def wave(seconds: float = 0.1, *, channels: int = 1, rate: int = 8000) -> bytes:
    """Silence."""
    data = bytes(int(seconds * rate) * channels * 2)
    layout = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    pieces = b"fmt " + struct.pack("<I", len(layout)) + layout
    pieces += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(pieces) + 4) + b"WAVE" + pieces


def frame(*, second: int = 0xFB) -> bytes:
    """128 kbit/s at 44.1 kHz (MPEG 1), or 80 kbit/s at 22.05 kHz (MPEG 2): 417 or 261 bytes."""
    length = 417 if second in (0xFB, 0xFA) else 261
    return bytes((0xFF, second, 0x90, 0x00)) + bytes(length - 4)


def mp3(frames: int = 4, *, tag: int | None = None, second: int = 0xFB) -> bytes:
    """Frames, behind an ID3 tag of so many bytes."""
    sound = frame(second=second) * frames
    if tag is None:
        return sound
    size = bytes(tag >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + size + b"x" * tag + sound
