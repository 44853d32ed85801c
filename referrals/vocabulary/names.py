"""Names as people say and write them: folded, in parts, by their sound, and by what they shorten.

Nothing here decides that two names are the same. It says in which forms a name is found again.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_NICKNAMES: Final = Path(__file__).with_name("nicknames.txt")

# Letters that no accent makes.
_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ə": "a",
    }
)
_APART: Final = re.compile(r"[^\w]|[\d_]")
_APOSTROPHES: Final = re.compile(r"[\u0027\u0060\u00b4\u02bb\u02bc\u2018\u2019]")

# What stands before a name and is written with it, apart from it, or not at all.
_JOINED: Final = frozenset({"mc", "mac", "o"})
_LEFT_OUT: Final = frozenset(
    {
        "al",
        "el",
        "ul",
        "ur",
        "bin",
        "bint",
        "ibn",
        "van",
        "von",
        "der",
        "den",
        "de",
        "da",
        "dos",
        "di",
    }
    | {"la", "le", "the", "mr", "miss", "ms"}
)

# In this order: what several letters say, then what one letter says, whatever language lent it.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"(?:tsch|tch|cz|ch)", "j"),
        (r"(?:dzh|dj|dg|zh)", "j"),
        (r"(?:sch|sh|sz|sc(?=[eiy]))", "s"),
        (r"(?:ph|pf)", "f"),
        (r"gh(?=[^aeiouy]|$)", ""),
        (r"(?:kh|gh|ck|qu|q|ch)", "k"),
        (r"(?<=[bdgkpt])h", ""),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"(?:ts|tz|z)", "s"),
        (r"w(?=[^aeiouy]|$)", ""),
        (r"w", "v"),
        (r"^(?:y(?=[aeiou])|j(?=[aou]))", "j"),
        (r"(?<=.)h", ""),
        (r"(.)\1+", r"\1"),
        (r"^[aeiouy]+", "a"),
        (r"(?<=.)[aeiouy]+", ""),
    )
)
_LONGEST_SOUND: Final = 6
_LONGEST_PART: Final = 60


def fold(text: str) -> str:
    """The text in small letters without accents and apostrophes; what is no letter is a space."""
    bare = _APOSTROPHES.sub("", text.casefold().translate(_LETTERS))
    bare = unicodedata.normalize("NFKD", bare)
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(_APART.sub(" ", bare).split())


def parts(name: str) -> tuple[str, ...]:
    """The parts of a name, each once: both halves of a double one, without what only leads to it.

    "O'Neill-De Souza" is `("oneill", "souza")`.
    """
    found: list[str] = []
    before = ""
    for part in fold(name).split():
        if part in _JOINED:
            before += part
            continue
        found.append(before + part)
        before = ""
    if before:
        found.append(before)
    kept = [part for part in found if part not in _LEFT_OUT] or found
    return tuple(dict.fromkeys(part[:_LONGEST_PART] for part in kept))


@lru_cache(maxsize=20_000)
def sound(part: str) -> str:
    """How a part of a name sounds, roughly: the same for the ways in which it is often spelt."""
    said = part
    for pattern, becomes in _SOUNDS:
        said = pattern.sub(becomes, said)
    return said[:_LONGEST_SOUND]


@cache
def _circles() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    lines = _NICKNAMES.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        for name in line.partition("#")[0].split():
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def circles(part: str) -> frozenset[int]:
    """The circles of names to which a part belongs: full names, short forms and pet names."""
    return _circles().get(part, frozenset())
