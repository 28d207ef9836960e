"""A set of labelled pictures to train on."""

import re
from typing import Any

from apps.ai_gateway import parameters as say
from apps.ai_gateway.declarations import Intent, Parameter, Parameters, Pictures, Sign
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame

_COUNTED = re.compile(r"^\d+\s+")
_PICTURES = re.compile(
    r"^(?:(?:images?|pictures?|photos?|samples?|ảnh|hình|tấm|bức|anh|hinh|tam|buc)\s+(?:of\s+|về\s+|ve\s+)?)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:with|size|có|với|for|to|để|cho|gồm|noise|nhiễu|mức|của)\b.*|[\s,]+\d+\s*(?:images?|pictures?|photos?|ảnh|tấm|hình|anh|tam|samples?).*)$",
    re.IGNORECASE,
)


def _size(frame: Frame) -> int | None:
    said = frame.quantities.number("count")
    if said is None:
        numbers = [int(word.plain) for word in frame.words if word.kind == "number" and word.plain.isdigit()]
        said = numbers[0] if numbers else None
    return int(said) if said is not None else None


def _label(frame: Frame) -> str | None:
    """What the pictures are of: "a dataset of 50 cats" is "cats"."""
    text = contents.after(frame, "called", "named", "ten", "ten la") or contents.after(
        frame, "of", "ve", "about", "gom", "containing", "with", "cho", "for", "co"
    )
    if not text:
        text = contents.named(frame)
        for word in frame.words:
            if word.concept("thing") == "dataset":
                text = text.replace(frame.text[word.start : word.end], "")
    text = _PICTURES.sub("", _COUNTED.sub("", text.strip()))
    return _TAIL.sub("", text).strip(" ,.") or None


def _fields(parameters: Parameters, pictures: Pictures) -> dict[str, Any]:
    return {"noise_level": 0.0, **parameters}


INTENT = Intent(
    name="make_dataset",
    does=("make a dataset of labelled pictures", "tạo bộ dữ liệu ảnh"),
    done=(
        "The dataset is made: {class_label}. Fetch it at /api/v1/datasets/{dataset_id}/download/.",
        "Đã tạo bộ dữ liệu: {class_label}. Tải về tại /api/v1/datasets/{dataset_id}/download/.",
    ),
    examples=(
        "make a dataset of 50 cats",
        "generate 20 training images of apples",
        "create a synthetic dataset of dogs with 10 images",
        "tạo bộ dữ liệu 100 ảnh mèo",
        "tạo tập dữ liệu huấn luyện về xe hơi",
        "tao bo du lieu 20 anh hoa hong",
    ),
    signs=(
        Sign("create generate draw make wish turn refine combine", has="dataset", weight=2.4),
        Sign(has="dataset", weight=1.6),
        Sign(has="training", weight=3),
    ),
    operation="datasets.generate",
    parameters=(
        Parameter("class_label", str, "What the pictures show.", _label, maximum=200),
        Parameter("output_size", int, "How many pictures.", _size, 1, 1000),
        Parameter("noise_level", float, "From 0 to 1.", lambda frame: frame.quantities.number("noise"), 0, 1),
        say.SEED,
    ),
    pictures=(),
    required=(("class_label",), ("output_size",)),
    fields=_fields,
    gives="",
    tells=("dataset_id",),
    makes=lambda parameters: parameters.get("output_size", 1),
)
