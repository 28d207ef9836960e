"""English and Vietnamese, as people type them: `detect` says which, `leaning` that of one word, `fold` takes
the diacritics off."""

from core.language.detection import Detected, Language, detect, leaning
from core.language.folding import fold

__all__ = ["Detected", "Language", "detect", "fold", "leaning"]
