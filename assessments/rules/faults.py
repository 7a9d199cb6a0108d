"""What is wrong with a specification, in words that can be translated where they are shown."""

from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Marks a text for the translators' catalogue and returns it unchanged."""
    return text


@dataclass(frozen=True)
class Fault:
    """`where` is a path such as items[2].curve; `text % values` is the English sentence."""

    where: str
    text: str
    values: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.where}: {self.text % self.values}"


class SpecError(ValueError):
    """A specification with faults; none of it is used."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults))
