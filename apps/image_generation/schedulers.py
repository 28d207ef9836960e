"""The samplers a request may name: our name, diffusers' class, and AUTOMATIC1111's title for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scheduler:
    """`kind` is a class of `diffusers`; `options` change the model's own configuration."""

    name: str
    title: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


_ALL = (
    Scheduler("ddim", "DDIM", "DDIMScheduler"),
    Scheduler("ddpm", "DDPM", "DDPMScheduler"),
    Scheduler("deis", "DEIS", "DEISMultistepScheduler"),
    Scheduler("dpm++-2m", "DPM++ 2M", "DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    Scheduler(
        "dpm++-2m-karras",
        "DPM++ 2M Karras",
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    Scheduler(
        "dpm++-2m-sde", "DPM++ 2M SDE", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}
    ),
    Scheduler("euler", "Euler", "EulerDiscreteScheduler"),
    Scheduler("euler-a", "Euler a", "EulerAncestralDiscreteScheduler"),
    Scheduler("heun", "Heun", "HeunDiscreteScheduler"),
    Scheduler("lcm", "LCM", "LCMScheduler"),
    Scheduler("pndm", "PLMS", "PNDMScheduler", {"skip_prk_steps": True}),
    Scheduler("unipc", "UniPC", "UniPCMultistepScheduler"),
    Scheduler("flow-match-euler", "Euler (flow matching)", "FlowMatchEulerDiscreteScheduler"),
    Scheduler("flow-match-heun", "Heun (flow matching)", "FlowMatchHeunDiscreteScheduler"),
)
SCHEDULERS: Mapping[str, Scheduler] = {scheduler.name: scheduler for scheduler in _ALL}


def is_flow_matching(kind: str) -> bool:
    """Whether diffusers' scheduler class `kind` samples models that match flows; the others predict noise."""
    return kind.startswith("FlowMatch")
