from dataclasses import dataclass
@dataclass(frozen=True)
class Provenance:
    prompt: str = ""
    negative_prompt: str = ""
    steps: int = 0
    sampler: str = ""
    guidance_scale: float = 0
    seed: int = 0
    width: int = 0
    height: int = 0
    model: str = ""
