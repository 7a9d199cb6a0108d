"""Chinese names in the order people expect, without a collation of the database."""

from functools import lru_cache

# Surnames whose reading as a surname differs from the usual reading of the character.
_SURNAMES = {
    **{"单": "shan4", "仇": "qiu2", "解": "xie4", "查": "zha1", "盖": "ge3", "区": "ou1"},
    **{"朴": "piao2", "曾": "zeng1", "翟": "zhai2", "乐": "yue4", "任": "ren2", "缪": "miao4"},
    **{"折": "she2", "员": "yun4", "冼": "xian3", "覃": "qin2", "召": "shao4", "秘": "bi4"},
    **{"华": "hua4", "宁": "ning4", "令狐": "ling2 hu2", "尉迟": "yu4 chi2"},
    **{"万俟": "mo4 qi2", "长孙": "zhang3 sun1"},
}


@lru_cache(maxsize=50_000)
def sort_key(name: str) -> str:
    """Pinyin with tone numbers, then the name itself: "张三" -> "zhang1 san1 张三".

    Equal readings stay together and are told apart by the characters. The database compares it by
    code point (C.UTF-8), so the order is the same on every server.
    """
    from pypinyin import Style, lazy_pinyin  # loads a large dictionary: only when a name is keyed

    text = " ".join(name.split())
    surname = next((s for s in sorted(_SURNAMES, key=len, reverse=True) if text.startswith(s)), "")
    parts = [_SURNAMES[surname]] if surname else []
    rest = text[len(surname) :]
    parts += lazy_pinyin(rest, style=Style.TONE3, neutral_tone_with_five=True) if rest else []
    return " ".join([*(part.strip().lower() for part in parts), text])
