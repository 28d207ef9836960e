"""`manage.py models`: what there is, and getting, checking, adding and removing it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from tqdm import tqdm

from core.exceptions import StudioError
from core.model_manager import additions, catalogue, downloads, gates, records, tuning
from core.model_manager.entries import ModelEntry
from core.model_manager.records import Progress

COLUMNS = ("ID", "TASK", "LICENCE", "COMMERCIAL", "SIZE", "INSTALLED", "DEFAULT")


class Command(BaseCommand):
    help = "Lists the models the studio knows, and gets, checks, adds and removes them. See docs/models.md."
    requires_system_checks = ()  # a broken catalogue is said in one line, and the URLs need not load

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        commands.add_parser("list", help="every model of the catalogue, in a table")
        pull = commands.add_parser("pull", help="download models")
        verify = commands.add_parser("verify", help="compare the files of models with their recorded hashes")
        remove = commands.add_parser("remove", help="delete a model's files, and its entry if you added it")
        for command in (pull, verify, remove):
            command.add_argument("ids", nargs="*" if command is verify else "+", metavar="ID")
        tune = commands.add_parser("tune", help="time a model in each dtype here, and keep the fastest")
        tune.add_argument("ids", nargs="+", metavar="ID")
        tune.add_argument("--dry-run", action="store_true", help="only show what would be written")
        verify.epilog = "Without an ID every installed model is checked."
        _describe_add(commands.add_parser("add", help="make a folder or a hub repository a model"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["command"])(options)
        except StudioError as error:
            raise CommandError(error.message) from error

    def list(self, options: dict[str, Any]) -> None:
        rows = [COLUMNS, *(_row(entry) for entry in catalogue.current().values())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )

    def pull(self, options: dict[str, Any]) -> None:
        for entry in _entries(options["ids"]):
            with _Bar(f"Pulling {entry.id}") as progress:
                record = downloads.pull(entry, progress)
            revision = f" (revision {record.revision})" if record else ""
            self.stdout.write(self.style.SUCCESS(f"{entry.id} is installed in {entry.folder()}{revision}."))
            if not gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES):
                self.stdout.write(
                    self.style.WARNING(
                        f"Its licence, {entry.licence}, does not freely allow commercial use. Read "
                        f"{entry.licence_url}, then set STUDIO_ACCEPT_LICENCES={entry.id} to use it."
                    )
                )

    def verify(self, options: dict[str, Any]) -> None:
        ids = options["ids"] or [entry.id for entry in catalogue.current().values() if entry.installed]
        broken = False
        for entry in _entries(ids):
            with _Bar(f"Checking {entry.id}") as progress:
                problems = records.verify(entry, progress)
            for problem in problems:
                self.stderr.write(f"{entry.id}: {problem}")
            if not problems:
                self.stdout.write(f"{entry.id}: every file is as recorded.")
            broken = broken or bool(problems)
        if broken:
            raise CommandError("Some files are not what they should be.")

    def tune(self, options: dict[str, Any]) -> None:
        for entry in _entries(options["ids"]):
            found = tuning.tune(entry)
            for dtype, seconds in sorted(found.seconds.items(), key=lambda each: each[1]):
                self.stdout.write(f"{entry.id}  {dtype:<9}  {seconds * 1000:8.1f} ms a step on {found.kind}")
            if found.proposed == found.present:
                self.stdout.write(f"{entry.id} stays {found.present}: no other is a tenth faster.")
                continue
            if not options["dry_run"]:
                tuning.write(entry, found)
            done = "would become" if options["dry_run"] else "is now"
            self.stdout.write(
                self.style.WARNING(
                    f"{entry.id} {done} {found.proposed} on {found.kind}. The same seed then gives a "
                    "slightly different picture than before."
                )
            )

    def remove(self, options: dict[str, Any]) -> None:
        for entry in _entries(options["ids"]):
            deleted = downloads.remove(entry)
            forgotten = catalogue.forget(entry.id)
            if not (deleted or forgotten):
                raise CommandError(f"{entry.id} is not installed.")
            done = [what for what, true in (("files deleted", deleted), ("entry removed", forgotten)) if true]
            self.stdout.write(self.style.SUCCESS(f"{entry.id}: {', '.join(done)}."))

    def add(self, options: dict[str, Any]) -> None:
        known = additions.Known(
            licence=options["licence"],
            licence_url=options["licence_url"],
            commercial_use=options["commercial"],
            description=options["description"],
            dtype=options["dtype"],
            size=options["size"],
            steps=options["steps"],
            guidance_scale=options["guidance"],
        )
        if options["path"]:
            entry = additions.add_folder(
                model_id=options["id"],
                folder=Path(options["path"]),
                copy=options["copy"],
                like=options["like"],
                known=known,
            )
        else:
            entry = additions.add_hub(
                model_id=options["id"],
                hub=options["hub"],
                revision=options["revision"],
                variant=options["variant"],
                like=options["like"],
                known=known,
            )
        self.stdout.write(self.style.SUCCESS(f"{entry.id} is in {catalogue.users_file()}."))
        if not entry.installed:
            self.stdout.write(f"Get it with: manage.py models pull {entry.id}")
        if not gates.accepts_licence(entry, settings.STUDIO_ACCEPT_LICENCES):
            self.stdout.write(
                f"It needs --commercial, or {entry.id} in STUDIO_ACCEPT_LICENCES, before it loads."
            )


def _describe_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the name requests will use: a-z, 0-9, '.', '_' and '-'")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--path", metavar="DIR", help="a diffusers folder with safetensors weights")
    source.add_argument("--hub", metavar="OWNER/NAME", help="a repository of the Hugging Face Hub")
    parser.add_argument("--copy", action="store_true", help="copy DIR into the models folder")
    parser.add_argument("--revision", default="", help="commit to pull (default: the newest, then recorded)")
    parser.add_argument("--variant", default="", help="weights to pull, e.g. fp16")
    parser.add_argument(
        "--like", default="", metavar="ID", help="known model to take task, family, sizes and settings from"
    )
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), help="what to load it as")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="side of the square it was trained on")
    parser.add_argument("--steps", type=int, help="denoising steps where a request names none")
    parser.add_argument("--guidance", type=float, help="guidance scale where a request names none")
    parser.add_argument(
        "--licence", metavar="SPDX", default=additions.Known.licence, help="default: %(default)s"
    )
    parser.add_argument("--licence-url", metavar="URL", default="", help="where to read that licence")
    parser.add_argument("--commercial", action="store_true", help="the licence allows commercial use")
    parser.add_argument(
        "--description", default=additions.Known.description, help="one honest sentence about it"
    )


def _entries(ids: Sequence[str]) -> list[ModelEntry]:
    known = catalogue.current()
    return [known.named(model_id) for model_id in ids]


def _row(entry: ModelEntry) -> tuple[str, ...]:
    return (
        entry.id,
        entry.task,
        entry.licence,
        "yes" if entry.commercial_use else "no",
        str(filesizeformat(entry.size_bytes)).replace("\xa0", " ") if entry.size_bytes else "?",
        "yes" if entry.installed else "no",
        "yes" if entry.default_for else "",
    )


class _Bar:
    """A progress bar on stderr for whoever reports `(bytes done, bytes in all)`."""

    def __init__(self, description: str) -> None:
        self._bar = tqdm(desc=description, unit="B", unit_scale=True, disable=None)

    def __enter__(self) -> Progress:
        return self._show

    def __exit__(self, *exception: object) -> None:
        self._bar.close()

    def _show(self, done: int, total: int) -> None:
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)
