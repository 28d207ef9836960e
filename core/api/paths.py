"""Parts of the patterns in `urls.py`."""


def uuid(name: str) -> str:
    """Takes a UUID, which the view gets as a str called `name`."""
    return rf"(?P<{name}>[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})"
