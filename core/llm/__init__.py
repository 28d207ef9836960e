"""A language model behind an OpenAI-compatible endpoint, for the apps that can do without: `llm.ask`,
`llm.call_tools`.
"""

from core.llm.client import LanguageModelError, Tool, ToolCall, ask, call_tools, configured

__all__ = ["LanguageModelError", "Tool", "ToolCall", "ask", "call_tools", "configured"]
