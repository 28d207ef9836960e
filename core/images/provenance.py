"""What a picture says of its own making. Nothing in it depends on when or for whom it was made."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from PIL import ExifTags, Image

from core.images.png import XMP_KEYWORD

SOFTWARE = "AI photo studio"
# EXIF and its markers share one JPEG segment of 65,533 bytes; UTF-16 takes two or four a character.
_LONGEST_COMMENT = 60_000

# The comment's character code (CIPA DC-008, "UserComment"), then UTF-16, big-endian as web UIs expect it.
_UNICODE = b"UNICODE\0"

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmp:CreatorTool="{software}"'
    ' Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{source}"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


# XMP is plain text in every format that holds it (XMP specification, part 3), so nothing need be parsed.
_DECLARED = re.compile(rb"digitalsourcetype/(trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia)\b")


class DigitalSourceType(StrEnum):
    """IPTC's words for where a picture comes from (http://cv.iptc.org/newscodes/digitalsourcetype/)."""

    GENERATED = "trainedAlgorithmicMedia"
    EDITED = "compositeWithTrainedAlgorithmicMedia"
    # No trained model took part: somebody edited it, an algorithm improved it, it was put together.
    HUMAN_EDITS = "humanEdits"
    ENHANCED = "algorithmicallyEnhanced"
    COMPOSITE = "composite"
    SYNTHETIC_COMPOSITE = "compositeSynthetic"  # into what never was: a swapped face


def declared_source(data: bytes) -> DigitalSourceType | None:
    """What a file says of its own making in its XMP, if it says that a trained model took part."""
    found = _DECLARED.search(data)
    return DigitalSourceType(found.group(1).decode()) if found else None


def edited_source(files: Iterable[bytes], edit: DigitalSourceType) -> DigitalSourceType:
    """What the pictures in `files` become by an edit that is `edit` of its own.

    What was generated stays so however it is cropped; with anything else in it, and wherever a trained model
    took part, it is a composite. Nothing else is called generated.
    """
    declared = [declared_source(data) for data in files]
    if all(source is DigitalSourceType.GENERATED for source in declared):
        return DigitalSourceType.GENERATED
    return DigitalSourceType.EDITED if any(declared) else edit


def xmp(source: DigitalSourceType) -> bytes:
    """An XMP packet that names the digital source type."""
    return _XMP.format(software=SOFTWARE, source=source).encode()


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How a picture was made. Defaults are not mentioned; `extra` holds JSON values by snake_case names."""

    prompt: str = ""
    negative_prompt: str = ""
    steps: int | None = None
    sampler: str = ""
    guidance_scale: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    model: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    digital_source_type: DigitalSourceType = DigitalSourceType.GENERATED

    def parameters(self) -> str:
        """AUTOMATIC1111's layout: the prompt, `Negative prompt: ...`, then `Steps: 15, Sampler: ..., ...`."""
        negative = f"Negative prompt: {self.negative_prompt}" if self.negative_prompt else ""
        settings = ", ".join(f"{name}: {_quoted(value)}" for name, value in self._settings())
        return "\n".join(line for line in (self.prompt, negative, settings) if line)

    def to_dict(self) -> dict[str, Any]:
        """The same for programs, as JSON types."""
        known = {
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "steps": self.steps,
            "sampler": self.sampler,
            "guidance_scale": self.guidance_scale,
            "seed": self.seed,
            "width": self.width,
            "height": self.height,
            "model": self.model,
        }
        said = {name: value for name, value in known.items() if value not in (None, "")}
        return {**said, **self.extra, "digital_source_type": str(self.digital_source_type)}

    def png_text(self) -> dict[str, str]:
        """PNG text chunks: `parameters`, `studio` (JSON), `Software` and XMP."""
        studio = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)
        return {
            "parameters": self.parameters(),
            "studio": studio,
            "Software": SOFTWARE,
            XMP_KEYWORD: xmp(self.digital_source_type).decode(),
        }

    def exif(self) -> bytes:
        """EXIF with `parameters` as its UserComment, cut off at 60,000 bytes."""
        comment = self.parameters().encode("utf-16-be", "replace")[:_LONGEST_COMMENT]
        exif = Image.Exif()
        exif[ExifTags.Base.Software] = SOFTWARE
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = _UNICODE + comment
        return exif.tobytes()

    def _settings(self) -> Iterator[tuple[str, Any]]:
        size = f"{self.width}x{self.height}" if self.width and self.height else None
        known = {
            "Steps": self.steps,
            "Sampler": self.sampler,
            "CFG scale": self.guidance_scale,
            "Seed": self.seed,
            "Size": size,
            "Model": self.model,
        }
        extra = {name.replace("_", " ").capitalize(): value for name, value in self.extra.items()}
        return ((name, value) for name, value in (known | extra).items() if value not in (None, ""))


def _quoted(value: Any) -> str:
    """As text; in JSON's quotes where it would be taken for more than one setting."""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ",:\n") else text
