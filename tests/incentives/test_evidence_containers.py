"""A PDF, a WAV, an MP3 as evidence: the whole file has to agree with its first bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weasyprint import HTML

from incentives.rules.evidence import content_type_of
from tests.incentives.files import frame, mp3, pdf, wave

PDF, WAV, MP3 = "application/pdf", "audio/wav", "audio/mpeg"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf(), PDF),
        (pdf(newline=b"\r\n"), PDF),
        (pdf().rstrip(b"\n"), PDF),
        (pdf() + b"\r\n\r\n", PDF),
        (wave(), WAV),
        (wave(channels=2, rate=44100), WAV),
        (mp3(), MP3),
        (mp3(3), MP3),
        (mp3(second=0xFA), MP3),
        (mp3(second=0xF3), MP3),
        (mp3(tag=300), MP3),
        (mp3(tag=300).replace(b"x" * 300, b"x" * 300 + b"\0" * 50), MP3),
        (mp3() + b"TAG" + b" " * 125, MP3),
    ],
)
def test_whole_files_are_what_they_say(content, kind):
    assert content_type_of(content) == kind


def test_a_pdf_as_programs_make_it_is_one():
    assert content_type_of(HTML(string="<p>附件：接待记录</p>").write_pdf()) == PDF


def test_a_pdf_with_a_second_edition_at_its_end_is_one():
    """Signed or filled in: changes are written behind, with a table of their own."""
    first = pdf()
    at = len(first)
    more = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 5 /Root 1 0 R /Prev 9 >>\n"
    assert content_type_of(first + more + b"startxref\n%d\n%%%%EOF" % at) == PDF


def test_a_pdf_whose_table_is_a_stream_is_one():
    head = b"%PDF-1.5\n"
    table = b"7 0 obj\n<< /Type /XRef /Root 1 0 R /Size 8 >>\nstream\n..\nendstream\nendobj\n"
    assert content_type_of(head + table + b"startxref\n%d\n%%%%EOF" % len(head)) == PDF


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7 x",
        b"%PDF-1.7\n" + b"0" * 5000 + b"%%EOF",
        b"%PDF-" + pdf()[8:],
        pdf()[:-7],  # cut off at the end
        pdf()[: len(pdf()) // 2],
        pdf() + b"<script>alert(1)</script>",
        pdf() + b"MZ\x90\x00" + bytes(2000),
        pdf().replace(b"startxref\n", b"startxref\n9"),  # points beyond the end
        pdf().replace(b"startxref\n", b"startxref\n0 "),
        pdf().replace(b"xref\n0 5", b"xxxx\n0 5"),
        pdf().replace(b"/Root 1 0 R", b"/Boot 1 0 R"),
    ],
)
def test_what_only_begins_like_a_pdf_is_none(content):
    assert content_type_of(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"RIFF",
        wave()[:-1],
        wave() + b"<html>",
        wave().replace(b"WAVE", b"AVI "),
        wave().replace(b"data", b"dxta"),
        wave().replace(b"fmt ", b"fxt "),
        wave(channels=0),
        wave(channels=9),
        wave(rate=10),
        wave(0),
        wave().replace(b"fmt \x10", b"fmt \xff"),
    ],
)
def test_what_only_begins_like_a_wave_is_none(content):
    assert content_type_of(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"ID3\x04....",
        b"ID3",
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
        b"ID3\x04\x00\x00\xff\x00\x00\x00" + mp3(),
        b"ID3\x09\x00\x00\x00\x00\x00\x00" + mp3(),
        mp3(tag=300)[:400],
        b"\xff\xfb",
        b"\xff\xfb\x90\x00<script>alert(1)</script>",
        mp3(2),
        mp3()[:1000],
        frame() + b"x" + frame() * 3,
        b"\xff\xfb\xf0\x00" + bytes(2000),  # no such bit rate
        b"\xff\xfb\x9c\x00" + bytes(2000),  # no such rate
        b"\xff\xfb\x00\x00" + bytes(2000),
    ],
)
def test_what_only_begins_like_an_mp3_is_none(content):
    assert content_type_of(content) is None


@given(st.binary(max_size=600), st.sampled_from([b"%PDF-1.7\n", b"RIFF", b"ID3", b"\xff\xfb", b""]))
def test_no_bytes_break_the_reader(content, start):
    content_type_of(start + content)


@given(st.integers(0, len(pdf())), st.sampled_from([pdf(), wave(), mp3(tag=20)]))
def test_cut_anywhere_it_is_itself_or_nothing(at, content):
    assert content_type_of(content[:at]) in (None, PDF, WAV, MP3, "text/plain")


def test_the_files_of_these_tests_are_real():
    """The length a frame states is the distance to the next; RIFF counts all but eight bytes."""
    assert {len(frame()), len(frame(second=0xF3))} == {417, 261}
    assert struct.unpack_from("<I", wave(), 4)[0] == len(wave()) - 8
