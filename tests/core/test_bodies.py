"""A refused body is taken to its end, so that the refusal arrives."""

from io import BytesIO

from core.bodies import MOST, read_to_its_end


def test_the_rest_is_read() -> None:
    body = BytesIO(b"x" * 200_000)
    body.read(5)
    read_to_its_end(body)
    assert body.tell() == 200_000


def test_not_without_end() -> None:
    body = BytesIO(b"x" * (MOST + 100_000))
    read_to_its_end(body)
    assert body.tell() == MOST


def test_a_body_that_breaks_off_is_no_fault() -> None:
    class Broken:
        read_bytes = 0

        def read(self, size: int, /) -> bytes:
            self.read_bytes += size
            raise ConnectionResetError

    body = Broken()
    read_to_its_end(body)
    assert body.read_bytes == 64 * 1024
