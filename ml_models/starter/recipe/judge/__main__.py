"""Judge a model.

    python -m ml_models.starter.recipe.judge ml_models/starter/model --work .studio/judge --out verdict

Trains two judges from the painter (minutes, once per work folder), lets the model paint the 200 fixed
prompts, and writes what the judges see: verdict.md, verdict.json and contact sheets. Run again, it goes on
where it was stopped.
"""

import argparse
import logging
import os
from pathlib import Path

import torch

from ml_models.starter.recipe.judge.prompts import prompts
from ml_models.starter.recipe.judge.report import write
from ml_models.starter.recipe.judge.training import JudgeTraining
from ml_models.starter.recipe.judge.verdict import pass_verdict


def main() -> None:
    """The command line."""
    usual = JudgeTraining()
    parser = argparse.ArgumentParser(description="Score what a model paints for 200 fixed prompts.")
    parser.add_argument("model", type=Path, help="diffusers folder")
    parser.add_argument("--work", type=Path, default=Path(".studio/judge"), help="keeps judges and samples")
    parser.add_argument("--out", type=Path, default=Path(".studio/verdict"), help="where the report goes")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th prompt (1)")
    parser.add_argument("--no-floor", action="store_true", help="leave random weights out")
    parser.add_argument("--scenes", type=int, default=usual.scenes, help=f"to learn from ({usual.scenes})")
    parser.add_argument("--epochs", type=int, default=usual.epochs, help=f"({usual.epochs})")
    parser.add_argument("--seed", type=int, default=usual.seed, help="of the judges' training (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="painters (one per core)")
    parser.add_argument("--threads", type=int, help="torch threads; 1 where cores are shared")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.threads:
        torch.set_num_threads(options.threads)
    training = JudgeTraining(
        options.scenes, options.epochs, seed=options.seed, device=options.device, jobs=options.jobs
    )
    chosen = prompts()[:: options.every]
    verdict = pass_verdict(options.model, chosen, options.work, training, not options.no_floor)
    logging.info("%s", write(verdict, chosen, options.out))


if __name__ == "__main__":
    main()
