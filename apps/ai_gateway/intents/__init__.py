"""Every intent: one module each, which declares `INTENT`. A new module here is known without being listed."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from apps.ai_gateway.declarations import Intent


@cache
def all_intents() -> dict[str, Intent]:
    """The intents by name, sorted. Raises TypeError for a module that declares none."""
    found: dict[str, Intent] = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        declared = import_module(f"{__name__}.{module.name}").INTENT
        if not isinstance(declared, Intent):
            raise TypeError(f"{module.name}.INTENT is no Intent.")
        found[declared.name] = declared
    return found
