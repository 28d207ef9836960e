"""Text as it is typed on a keyboard without diacritics."""

import unicodedata


class _Folds(dict[int, str]):
    """Each character's plain lower-case letter, worked out the first time it is met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        decomposed = unicodedata.normalize("NFD", "d" if letter in "đĐ" else letter.lower())
        plain = "".join(part for part in decomposed if not unicodedata.combining(part))
        self[code] = plain if len(plain) == 1 else letter
        return self[code]


_folds = _Folds()


def fold(text: str) -> str:
    """`text` in lower case without diacritics: "Mèo Đen" is "meo den".

    As long as `text`, character by character, where that is in the form NFC.
    """
    return text.lower() if text.isascii() else text.translate(_folds)
