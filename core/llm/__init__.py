"""A language model behind an OpenAI-compatible endpoint, for the apps that can do without: `llm.ask`."""

from core.llm.client import LanguageModelError, ask, configured

__all__ = ["LanguageModelError", "ask", "configured"]
