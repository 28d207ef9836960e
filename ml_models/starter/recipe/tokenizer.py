"""The model's own small vocabulary: a lower-casing byte-level BPE, to which no word is unknown."""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"

# Everyday words that no caption uses get tokens of their own, which training leaves near neutral.
EVERYDAY = """
    and or of in on at with without the a an is are very near behind under over between next
    sitting standing running sleeping flying playing big small
    man woman boy girl person people baby king queen horse cow pig duck chicken lion tiger bear elephant
    mountain river road bridge castle tower garden street village farm island plane train bicycle bus truck
    ship book table bed lamp window door bread cake pizza coffee tea fire water ice rain storm wind
    summer spring autumn winter morning evening
"""


def train_tokenizer(captions: Iterable[str], size: int = 2400, length: int = 40) -> CLIPTokenizer:
    """A CLIPTokenizer of at most `size` tokens learned from the captions, for prompts of `length` tokens."""
    clip = CLIPTokenizer()._tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(models.BPE(end_of_word_suffix=WORD_END, continuing_subword_prefix=""))
    bpe.normalizer, bpe.pre_tokenizer = clip.normalizer, clip.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=3,
        show_progress=False,
        end_of_word_suffix=WORD_END,
        initial_alphabet=letters,
    )
    bpe.train_from_iterator([*captions, *EVERYDAY.split() * 3], trainer)
    merges = [tuple(pair) for pair in json.loads(bpe.to_str())["model"]["merges"]]
    # CLIP's order: letters, letters that end a word, merges as they were learned, the two marks
    words = dict.fromkeys([*letters, *(letter + WORD_END for letter in letters)])
    words |= dict.fromkeys(first + second for first, second in merges)
    vocabulary = {word: i for i, word in enumerate([*words, BEGIN, END])}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=length)


def save_tokenizer(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Writes the tokenizer as save_pretrained does, and the classic vocab.json and merges.txt as well.

    Older versions of transformers, and other programs, read only those two.
    """
    tokenizer.save_pretrained(folder)
    bpe = json.loads(tokenizer._tokenizer.to_str())["model"]
    merges = "".join(f"{first} {second}\n" for first, second in bpe["merges"])
    (folder / "vocab.json").write_text(json.dumps(bpe["vocab"], ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}", encoding="utf-8")
