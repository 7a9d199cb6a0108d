"""QR codes as pictures in the page."""

from __future__ import annotations

import segno


def svg(link: str) -> str:
    """The code of a link as a data address for an <img>; medium error correction, as it is
    printed and gets dirty."""
    return str(segno.make(link, error="m", micro=False).svg_data_uri(border=2, omitsize=True))
