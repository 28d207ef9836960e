"""Changing a picture: `edit/`, its seven tasks, and the pictures that show how a result came about."""
