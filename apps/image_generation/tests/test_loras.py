"""LoRAs over HTTP: listed, painted with, and refused, on a real server with the starter model."""

import base64
import io
import os
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.image_generation.tests import lora_files
from core.jobs.tests.studio import Studio

GENERATE = "/image-generation/generate/"
LORAS = "/image-generation/loras/"


@pytest.fixture(scope="module")
def folder(studio: Studio) -> Path:
    return studio.root / "state" / "models" / "loras"


@pytest.fixture(scope="module")
def client(studio: Studio, folder: Path) -> Iterator[httpx2.Client]:
    lora_files.write(folder, "one", lora_files.STARTER, seed=1)
    lora_files.write(folder, "two.v2", seed=2)
    with studio.client() as client:
        yield client


def ask(client: httpx2.Client, **fields: Any) -> httpx2.Response:
    body = {"prompt": "a red ball", "num_inference_steps": 2, "seed": 7, **fields}
    return client.post(GENERATE, json=body)


def paint(client: httpx2.Client, *loras: tuple[str, float], **fields: Any) -> bytes:
    named = [{"name": name, "scale": scale} for name, scale in loras]
    response = ask(client, **({"loras": named} if loras else {}), **fields)
    assert response.status_code == 200, response.text
    image = Image.open(io.BytesIO(base64.b64decode(response.json()["image_bytes"])))
    return image.tobytes()


def refusal(client: httpx2.Client, name: str, **fields: Any) -> str:
    response = ask(client, loras=[{"name": name}], **fields)
    assert response.status_code == 400, response.text
    assert "loras" in response.json()["errors"]
    detail: str = response.json()["detail"]
    return detail


def test_what_is_there_is_listed(client: httpx2.Client, folder: Path) -> None:
    header = {"ss_base_model_version": "sd_v1", "modelspec.trigger_phrase": "in the style of sks"}
    file = lora_files.write(folder, "listed", rank=3, header=header)
    lora_files.write(folder, "epoch-4", header={"ss_output_name": "epoch-000004"})

    found = {each["name"]: each for each in client.get(LORAS).json()}

    assert found["listed"]["family"] == "sd_v1"
    assert found["listed"]["trigger"] == "in the style of sks"
    assert found["epoch-4"]["trigger"] == "", "a file's name is no word it was trained with"
    assert found["listed"]["rank"] == 3
    assert found["listed"]["bytes"] == file.stat().st_size
    assert found["listed"]["problem"] == ""
    assert found["two.v2"]["rank"] == 2
    assert {"one", "two.v2"} <= set(found)


def test_a_file_that_cannot_be_named_says_why(client: httpx2.Client, folder: Path) -> None:
    lora_files.write(folder, "my style (v2)")

    found = {each["name"]: each for each in client.get(LORAS).json()}

    assert "has a name with other signs" in found["my style (v2)"]["problem"]


def test_without_any_there_is_an_empty_list(client: httpx2.Client, settings: Any, tmp_path: Path) -> None:
    from apps.image_generation.loras import services

    settings.STUDIO_MODELS_ROOT = tmp_path

    assert services.installed() == []


def test_requests_side_by_side_equal_their_solo_runs_and_scale_0_equals_none(client: httpx2.Client) -> None:
    wanted = [[], [("one", 1.0)], [("two.v2", 1.0)], [("one", 0.5)], [("one", 1.0), ("two.v2", 0.5)]]
    solo = [paint(client, *loras) for loras in wanted]

    with ThreadPoolExecutor(len(wanted)) as pool:
        together = list(pool.map(lambda loras: paint(client, *loras), wanted))

    assert len(set(solo)) == len(solo), "each set of LoRAs paints another picture"
    assert together == solo, "different sets never share a pass: bit for bit"
    assert paint(client, ("one", 0.0)) == solo[0]
    assert paint(client) == solo[0], "the model itself is as it was"


def test_the_same_lora_at_the_same_scale_shares_passes(client: httpx2.Client) -> None:
    def one(seed: int) -> tuple[np.ndarray[Any, Any], bool]:
        response = ask(client, loras=[{"name": "one"}], seed=seed, num_inference_steps=6).json()
        image = Image.open(io.BytesIO(base64.b64decode(response["image_bytes"])))
        return np.asarray(image).astype(int), response["metadata"]["batched"]

    solo = [one(seed)[0] for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one, range(4)))

    assert any(batched for _, batched in together)
    differences = np.stack([abs(a - b) for a, (b, _) in zip(solo, together, strict=True)])
    assert differences.max() <= 1


def test_lora_scale_multiplies_and_the_picture_says_so(client: httpx2.Client) -> None:
    halved = ask(client, loras=[{"name": "one", "scale": 1.0}], lora_scale=0.5).json()

    assert halved["parameters_used"]["loras"] == [{"name": "one", "scale": 0.5}]
    assert paint(client, ("one", 1.0), lora_scale=0.5) == paint(client, ("one", 0.5))
    image = Image.open(io.BytesIO(base64.b64decode(halved["image_bytes"])))
    assert '"loras"' in image.info["studio"]


def test_edits_and_variations_take_them_too(client: httpx2.Client) -> None:
    file = io.BytesIO()
    Image.new("RGB", (256, 256), "teal").save(file, "PNG")
    body = {"prompt": "a red ball", "seed": 3, "strength": 0.8}
    given = base64.b64encode(file.getvalue()).decode()

    def ask_for(path: str, field: str, picture: str, **fields: Any) -> Any:
        response = client.post(f"/image-generation/{path}/", json={**body, field: given, **fields})
        assert response.status_code == 200, response.text
        return response.json()[picture]

    # One variation, so that it is painted alone: in a batch a value may differ by one.
    calls = (
        ("edit", "input_image", "image", {}),
        ("generate-variations", "image", "variations", {"num_variations": 1}),
    )
    for path, field, picture, alone in calls:
        plain, adapted, off = (
            ask_for(path, field, picture, **alone, **fields)
            for fields in ({}, {"loras": [{"name": "one"}]}, {"loras": [{"name": "one"}], "lora_scale": 0})
        )
        assert _pixels(adapted) != _pixels(plain)
        assert _pixels(off) == _pixels(plain)


def _pixels(answered: Any) -> list[bytes]:
    pictures = [answered] if isinstance(answered, str) else [each["image_bytes"] for each in answered]
    return [Image.open(io.BytesIO(base64.b64decode(each))).tobytes() for each in pictures]


def test_a_replaced_file_counts_at_once(client: httpx2.Client, folder: Path) -> None:
    lora_files.write(folder, "changing", seed=3)
    before = paint(client, ("changing", 1.0))

    os.utime(lora_files.write(folder, "changing", seed=4), (1, 1))

    assert paint(client, ("changing", 1.0)) != before


def test_an_unknown_one_is_refused_with_the_known_ones(client: httpx2.Client) -> None:
    assert "'nobody'" in (said := refusal(client, "nobody"))
    assert "two.v2" in said


@pytest.mark.parametrize(
    "name", ["../one", "a/b", "..", ".hidden", "one.safetensors/..", "one\x00", "", "x" * 101]
)
def test_a_name_that_is_a_path_is_refused(client: httpx2.Client, name: str) -> None:
    assert ask(client, loras=[{"name": name}]).status_code == 400


def test_links_are_not_followed_out_of_the_folder(
    client: httpx2.Client, folder: Path, tmp_path: Path
) -> None:
    (folder / "linked.safetensors").symlink_to(lora_files.write(tmp_path, "secret"))
    (folder / "inside.safetensors").symlink_to(folder / "one.safetensors")

    names = {each["name"] for each in client.get(LORAS).json()}

    assert "linked" not in names
    assert "inside" in names
    assert "no LoRA 'linked'" in refusal(client, "linked")


def test_a_pickle_is_refused_whatever_it_is_called(client: httpx2.Client, folder: Path) -> None:
    for name in ("evil.pt", "evil.ckpt", "disguised.safetensors"):
        (folder / name).write_bytes(pickle.dumps({"weights": [1.0]}))

    assert "pickle" in refusal(client, "evil")
    assert "no sound safetensors" in refusal(client, "disguised")
    listed = {each["name"]: each["problem"] for each in client.get(LORAS).json()}
    assert "evil" not in listed
    assert listed["disguised"]


def test_a_broken_file_is_refused(client: httpx2.Client, folder: Path) -> None:
    whole = lora_files.write(folder, "cut").read_bytes()
    (folder / "cut.safetensors").write_bytes(whole[:-100])
    (folder / "empty.safetensors").write_bytes(b"")

    assert "broken" in refusal(client, "cut")
    assert "broken" in refusal(client, "empty")


def test_a_file_that_would_fill_the_memory_is_refused(client: httpx2.Client, folder: Path) -> None:
    with (folder / "giant.safetensors").open("wb") as file:
        file.truncate(4_000_000_001)  # holes: it takes no room on the disk

    assert "bytes" in refusal(client, "giant")
    (folder / "giant.safetensors").unlink()


OTHER_SHAPES = dict.fromkeys(lora_files.UNET_ONLY, (320, 320))
OTHER_LAYERS = {"unet.down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_q": (64, 64)}
OTHER_FAMILY = {"transformer.transformer_blocks.0.attn.to_q": (64, 64)}


@pytest.mark.parametrize(
    "layers", [OTHER_SHAPES, OTHER_LAYERS, OTHER_FAMILY, OTHER_LAYERS | lora_files.STARTER]
)
def test_one_of_another_architecture_is_refused(
    client: httpx2.Client, folder: Path, layers: dict[str, tuple[int, int]]
) -> None:
    before = paint(client)
    lora_files.write(folder, "foreign", layers)

    assert "another architecture" in refusal(client, "foreign")
    assert paint(client) == before


HEADERS: list[dict[str, Any]] = [
    {"unet.init_lora_weights": "pissa"},  # would change the model's own weights
    {"unet.megatron_config": {"a": 1}, "unet.megatron_core": "this"},  # would import a module
    {"unet.target_modules": "(a+)+$"},  # would match layers with anybody's expression
    {"unet.modules_to_save": ["conv_in"]},
    {"unet.r": 10**9},  # would fill the memory
    {"unet.rank_pattern": {"(a+)+$": 2}},
    {"unet.lora_alpha": float("nan")},
]


@pytest.mark.parametrize("configuration", HEADERS, ids=lambda each: next(iter(each)))
def test_a_header_that_asks_for_more_than_a_lora_is_refused(
    client: httpx2.Client, folder: Path, configuration: dict[str, Any]
) -> None:
    lora_files.write(folder, "greedy", configuration=configuration)

    assert "not supported" in refusal(client, "greedy")


def test_a_dora_is_refused_rather_than_used_by_half(client: httpx2.Client, folder: Path) -> None:
    scale = {"lora_unet_mid_block_attentions_0_proj_in.dora_scale": np.ones((192, 1), np.float32)}
    lora_files.write(folder, "dora", extra=scale)

    assert "DoRA" in refusal(client, "dora")


def test_weights_that_would_replace_the_models_own_are_refused(client: httpx2.Client, folder: Path) -> None:
    norm = {"transformer.transformer_blocks.0.attn.norm_q.weight": np.ones(4, np.float32)}
    lora_files.write(folder, "overwriting", extra=norm)

    assert "something else than LoRA layers" in refusal(client, "overwriting")


def test_alpha_in_the_header_counts(client: httpx2.Client, folder: Path) -> None:
    layers = [name.removeprefix("unet.") for name in lora_files.UNET_ONLY]
    known = {"unet.r": 2, "unet.lora_alpha": 1, "unet.target_modules": layers, "unet.peft_type": "LORA"}
    lora_files.write(folder, "halved", seed=2, configuration=known)

    assert paint(client, ("halved", 1.0)) == paint(client, ("two.v2", 0.5))


def test_a_file_of_kohyas_trainers_counts_with_its_alpha(client: httpx2.Client, folder: Path) -> None:
    # Of a text encoder such files hold all of the attention; diffusers knows the layout by this layer.
    layers = {**lora_files.STARTER, "text_encoder.text_model.encoder.layers.1.self_attn.out_proj": (192, 192)}
    lora_files.write_kohya(folder, "kohya", layers, seed=1, alpha=1.0)
    lora_files.write(folder, "theirs", layers, seed=1)

    # Rank 2 with alpha 1 is half as strong as the same weights in diffusers' layout, where alpha is the rank.
    assert paint(client, ("kohya", 1.0)) == paint(client, ("theirs", 0.5))


@pytest.mark.parametrize(
    "fields",
    [
        {"loras": [{"name": "one"}, {"name": "one"}]},
        {"loras": [{"name": "one", "scale": 5}]},
        {"loras": [{"name": "one", "scale": "NaN"}]},
        {"loras": [{"scale": 1}]},
        {"loras": [{"name": "one", "path": "/etc"}]},
        {"loras": "one"},
        {"loras": [{"name": f"n{number}"} for number in range(9)]},
        {"lora_scale": -1},
    ],
)
def test_rubbish_is_refused(client: httpx2.Client, fields: dict[str, Any]) -> None:
    assert ask(client, **fields).status_code == 400
