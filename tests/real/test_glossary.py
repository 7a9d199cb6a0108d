"""The words of docs/architecture.md are those of the product's glossary."""

import csv
import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
GLOSSARY = REPOSITORY.parent / "shared" / "content" / "glossary.csv"


def test_the_glossary_speaks_the_language_of_the_product() -> None:
    with GLOSSARY.open(encoding="utf-8-sig", newline="") as stream:
        terms = {row["term_en"]: row["term_zh"] for row in csv.DictReader(stream)}
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| ([^*|]+) \| ([^|]+) \|$", text.partition("## Glossary")[2], re.M))
    shown.pop("English")
    assert len(shown) > 50
    assert {term: terms.get(term) for term in shown} == shown
