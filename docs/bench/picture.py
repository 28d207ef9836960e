"""The one picture that both sides paint, so that nothing but the way to it differs."""

from typing import Any

from django.conf import settings

PROMPT = "a red ball on a white background"
SEED = 7
STEPS = 15
GUIDANCE_SCALE = 5.0
SIDE = 256

MODEL_FOLDER = settings.BASE_DIR / "ml_models" / "starter" / "model"


def request_body() -> dict[str, Any]:
    """The picture as `POST /api/v1/image-generation/generate/` takes it."""
    return {
        "prompt": PROMPT,
        "seed": SEED,
        "num_inference_steps": STEPS,
        "guidance_scale": GUIDANCE_SCALE,
        "width": SIDE,
        "height": SIDE,
    }
