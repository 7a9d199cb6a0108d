"""Reading a questionnaire: every fault is listed, an unknown key is one of them."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from surveys.rules.faults import Fault, gettext_noop
from surveys.rules.questionnaires import NA, Dimension, Question, Questionnaire

TYPES = ("rating", "nps", "single", "multiple", "text")
CONSTRUCTS = (
    "driver",
    "overall",
    "nps",
    "ces",
    "repurchase",
    "fact",
    "comment",
    "contact_request",
)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_RESERVED_DIMENSIONS = {"overall"}

_TEXT_PAIRS = ("purpose", "intro", "privacy", "thanks", "phone_intro", "note")
TOP_KEYS = {
    "code",
    "name_zh",
    "name_en",
    "dimensions",
    "questions",
    "content_version",
    "trigger",
    "estimated_seconds",
    "anonymous",
    "min_group",
} | {f"{name}_{language}" for name in _TEXT_PAIRS for language in ("zh", "en")}
DIMENSION_KEYS = {"code", "name_zh", "name_en", "weight"}
QUESTION_KEYS = {
    "code",
    "type",
    "dimension",
    "weight",
    "scale",
    "required",
    "reverse",
    "attention",
    "accountable",
    "text_zh",
    "text_en",
    "options",
    "scale_labels_zh",
    "scale_labels_en",
    "allow_na",
    "na_label_zh",
    "na_label_en",
    "construct",
    "fact",
    "max_length",
    "note_zh",
    "note_en",
}
OPTION_KEYS = {"code", "text_zh", "text_en"}


class BadQuestionnaire(ValueError):
    """The content cannot be used; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.where}: {f.message % f.values}" for f in faults))
        self.faults = tuple(faults)


def parse(spec: Any) -> Questionnaire:
    """The questionnaire of a decoded JSON object (fractions as Decimal), or BadQuestionnaire."""
    reader = _Reader()
    questionnaire = reader.questionnaire(spec)
    if reader.faults or questionnaire is None:
        raise BadQuestionnaire(reader.faults)
    return questionnaire


class _Reader:
    """Collects faults while it reads; what cannot be read gets a harmless stand-in."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, message: str, **values: object) -> None:
        self.faults.append(Fault(where, message, values))

    # -- small values --

    def mapping(self, value: Any, where: str, known: set[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.fault(where, gettext_noop("must be an object"))
            return {}
        for key in value:
            if key not in known:
                self.fault(where, gettext_noop("unknown key %(key)s"), key=key)
        return value

    def items(self, value: Any, where: str) -> list[Any]:
        if isinstance(value, list) and value:
            return value
        self.fault(where, gettext_noop("must be a list with at least one entry"))
        return []

    def text(self, data: Mapping[str, Any], key: str, where: str, *, limit: int = 4000) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault(f"{where}{key}", gettext_noop("must be a text"))
            return ""
        if len(value) > limit:
            self.fault(f"{where}{key}", gettext_noop("is longer than %(n)s characters"), n=limit)
        if "\x00" in value:
            self.fault(f"{where}{key}", gettext_noop("holds a character that is not allowed"))
        return value

    def pair(
        self, data: Mapping[str, Any], name: str, where: str, *, limit: int = 4000
    ) -> tuple[str, str]:
        """The Chinese and the English text; one of them is enough, it then stands for both."""
        keys = (f"{name}_zh", f"{name}_en")
        given = [key for key in keys if data.get(key) not in (None, "")] or [keys[0]]
        texts = {key: self.text(data, key, where, limit=limit) for key in given}
        return texts.get(keys[0], texts.get(keys[1], "")), texts.get(
            keys[1], texts.get(keys[0], "")
        )

    def code(self, data: Mapping[str, Any], where: str) -> str:
        value = data.get("code")
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        self.fault(
            f"{where}code",
            gettext_noop("must be 1 to 64 letters, digits, points, dashes or underscores"),
        )
        return ""

    def flag(self, data: Mapping[str, Any], key: str, where: str) -> bool:
        value = data.get(key, False)
        if isinstance(value, bool):
            return value
        self.fault(f"{where}{key}", gettext_noop("must be true or false"))
        return False

    def whole(self, data: Mapping[str, Any], key: str, where: str) -> int | None:
        value = data.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.fault(f"{where}{key}", gettext_noop("must be a whole number above 0"))
        return None

    def weight(self, data: Mapping[str, Any], where: str, *, zero_ok: bool) -> Decimal:
        value = data.get("weight", 1)
        good = isinstance(value, int | Decimal) and not isinstance(value, bool)
        number = Decimal(value) if good else Decimal(0)
        if not good or not number.is_finite() or number < 0 or (number == 0 and not zero_ok):
            self.fault(f"{where}weight", gettext_noop("must be a number above 0"))
            return Decimal(1)
        digits = number.normalize().as_tuple()
        assert isinstance(digits.exponent, int)
        if number >= 10**6 or digits.exponent < -6:
            self.fault(
                f"{where}weight",
                gettext_noop("must be below 1000000 and have at most 6 decimal places"),
            )
            return Decimal(1)
        return number

    def unique(self, codes: Sequence[str], where: str) -> None:
        seen: set[str] = set()
        for code in codes:
            if code and code in seen:
                self.fault(where, gettext_noop("the code %(code)s stands twice"), code=code)
            seen.add(code)

    # -- the parts --

    def questionnaire(self, spec: Any) -> Questionnaire | None:
        data = self.mapping(spec, "questionnaire", TOP_KEYS)
        if not isinstance(spec, dict):
            return None
        dimensions = [
            self.dimension(raw, f"dimensions[{i}].")
            for i, raw in enumerate(self.items(data.get("dimensions"), "dimensions"), 1)
        ]
        self.unique([d.code for d in dimensions], "dimensions")
        known = {d.code for d in dimensions}
        questions = [
            self.question(raw, f"questions[{i}].", known)
            for i, raw in enumerate(self.items(data.get("questions"), "questions"), 1)
        ]
        self.unique([q.code for q in questions], "questions")
        names = self.pair(data, "name", "", limit=200)
        result = Questionnaire(
            code=self.code(data, ""),
            name_zh=names[0],
            name_en=names[1],
            dimensions=tuple(dimensions),
            questions=tuple(questions),
            anonymous=self.flag(data, "anonymous", ""),
            min_group=self.whole(data, "min_group", ""),
        )
        self.optional_texts(data, "", [f"{n}_{la}" for n in _TEXT_PAIRS for la in ("zh", "en")])
        self.whole(data, "estimated_seconds", "")
        if not isinstance(data.get("trigger", {}), dict):
            self.fault("trigger", gettext_noop("must be an object"))
        self.whole_questionnaire(result)
        return result

    def whole_questionnaire(self, result: Questionnaire) -> None:
        """What only the whole can show: empty dimensions, no weight at all."""
        for dimension in result.dimensions:
            if dimension.code and not result.scored_items(dimension.code):
                self.fault(
                    "dimensions",
                    gettext_noop("the dimension %(code)s has no rating item"),
                    code=dimension.code,
                )
        if result.dimensions and not sum(d.weight for d in result.dimensions):
            self.fault("dimensions", gettext_noop("the weights must not all be 0"))

    def optional_texts(self, data: Mapping[str, Any], where: str, keys: Sequence[str]) -> None:
        for key in keys:
            if data.get(key) is not None and not isinstance(data[key], str):
                self.fault(f"{where}{key}", gettext_noop("must be a text"))

    def dimension(self, raw: Any, where: str) -> Dimension:
        data = self.mapping(raw, where.rstrip("."), DIMENSION_KEYS)
        code = self.code(data, where)
        if code in _RESERVED_DIMENSIONS:
            self.fault(f"{where}code", gettext_noop("%(code)s is a reserved word"), code=code)
        names = self.pair(data, "name", where, limit=200)
        return Dimension(code, *names, self.weight(data, where, zero_ok=True))

    def question(self, raw: Any, where: str, dimensions: set[str]) -> Question:
        data = self.mapping(raw, where.rstrip("."), QUESTION_KEYS)
        kind = data.get("type")
        if kind not in TYPES:
            self.fault(
                f"{where}type", gettext_noop("must be one of %(types)s"), types=", ".join(TYPES)
            )
            kind = "text"
        scale = self.scale(data, kind, where)
        options = self.options(data, kind, where)
        text_zh, text_en = self.pair(data, "text", where)
        construct = data.get("construct")
        if construct is not None and construct not in CONSTRUCTS:
            self.fault(
                f"{where}construct",
                gettext_noop("must be one of %(types)s"),
                types=", ".join(CONSTRUCTS),
            )
        self.optional_texts(
            data, where, ["fact", "na_label_zh", "na_label_en", "note_zh", "note_en"]
        )
        attention, instructed = self.attention(data, where, scale, options, (text_zh, text_en))
        return Question(
            code=self.code(data, where),
            type=kind,
            dimension=self.dimension_of(data, kind, where, dimensions),
            weight=self.weight(data, where, zero_ok=False),
            scale=scale,
            required=self.flag(data, "required", where),
            reverse=self.flag(data, "reverse", where),
            attention=attention,
            instructed=instructed,
            accountable=self.accountable(data, where),
            text_zh=text_zh,
            text_en=text_en,
            options=options,
            allow_na=self.flag(data, "allow_na", where),
            construct=construct,
            fact=data.get("fact"),
            max_length=self.whole(data, "max_length", where),
        )

    def dimension_of(
        self, data: Mapping[str, Any], kind: str, where: str, dimensions: set[str]
    ) -> str | None:
        value = data.get("dimension")
        if value is None:
            return None
        if value not in dimensions:
            self.fault(f"{where}dimension", gettext_noop("is not a dimension of the questionnaire"))
            return None
        if kind != "rating":
            self.fault(f"{where}dimension", gettext_noop("only a rating can be in a dimension"))
            return None
        return str(value)

    def scale(self, data: Mapping[str, Any], kind: str, where: str) -> tuple[int, int] | None:
        value = data.get("scale")
        if kind == "nps" and value is None:
            value = [0, 10]
        if kind not in ("rating", "nps"):
            if value is not None:
                self.fault(f"{where}scale", gettext_noop("only a rating or nps has a scale"))
            return None
        good = (
            isinstance(value, list)
            and len(value) == 2
            and all(isinstance(x, int) and not isinstance(x, bool) for x in value)
            and value[0] < value[1]
            and value[1] - value[0] <= 1000
            and abs(value[0]) <= 1000
        )
        if not good or value is None:
            self.fault(
                f"{where}scale", gettext_noop("must be two whole numbers, the lower one first")
            )
            return (0, 10)
        if kind == "nps" and value != [0, 10]:
            self.fault(f"{where}scale", gettext_noop("must be [0, 10] for nps"))
        for key in ("scale_labels_zh", "scale_labels_en"):
            self.labels(data.get(key), f"{where}{key}", value)
        return (value[0], value[1])

    def labels(self, value: Any, where: str, scale: Sequence[int]) -> None:
        """A label for each point, or a map of some points to their labels."""
        if value is None:
            return
        low, high = scale
        if isinstance(value, list):
            good = len(value) == high - low + 1 and all(isinstance(x, str) for x in value)
        elif isinstance(value, dict):
            points = {str(point) for point in range(low, high + 1)}
            good = set(value) <= points and all(isinstance(x, str) for x in value.values())
        else:
            good = False
        if not good:
            self.fault(where, gettext_noop("does not fit the scale"))

    def options(self, data: Mapping[str, Any], kind: str, where: str) -> tuple[str, ...]:
        value = data.get("options")
        if kind not in ("single", "multiple"):
            if value:
                self.fault(f"{where}options", gettext_noop("only a choice has options"))
            return ()
        codes = []
        for i, raw in enumerate(self.items(value, f"{where}options"), 1):
            at = f"{where}options[{i}]."
            option = self.mapping(raw, at.rstrip("."), OPTION_KEYS)
            codes.append(self.code(option, at))
            self.pair(option, "text", at)
        self.unique(codes, f"{where}options")
        if data.get("allow_na") and NA in (code.lower() for code in codes):
            self.fault(
                f"{where}options", gettext_noop("%(code)s is the answer of allow_na"), code=NA
            )
        return tuple(codes)

    def accountable(self, data: Mapping[str, Any], where: str) -> frozenset[str] | None:
        value = data.get("accountable")
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(x, str) and x for x in value):
            self.fault(f"{where}accountable", gettext_noop("must be a list of position codes"))
            return None
        return frozenset(value)

    def attention(
        self,
        data: Mapping[str, Any],
        where: str,
        scale: tuple[int, int] | None,
        options: Sequence[str],
        texts: Sequence[str],
    ) -> tuple[bool, int | str | None]:
        """(is an instructed item, the answer it asks for if known); see Question."""
        value = data.get("attention", False)
        if value is False or value is None:
            return False, None
        valid: list[int | str] = list(range(scale[0], scale[1] + 1)) if scale else list(options)
        if value is not True:
            if value in valid:
                return True, value
            self.fault(
                f"{where}attention", gettext_noop("must be true, false or an answer of the item")
            )
            return True, None
        found = (word for text in texts for word in re.findall(r"[A-Za-z0-9_.-]+", text))
        words = {word.strip(".-") for word in found}
        named = [answer for answer in valid if str(answer) in words]
        return True, named[0] if len(named) == 1 else None
