"""The servers that the studio is measured beside. They run in an environment of their own, without Django."""

# Where each of them takes requests.
PATH = "/generate"
