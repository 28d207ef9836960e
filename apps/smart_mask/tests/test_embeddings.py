"""What is remembered: made once, for its owner, within its bytes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.smart_mask.embeddings import EmbeddingCache, Key
from apps.smart_mask.segmenting import Embedding
from core.exceptions import Cancelled

KEY = Key("user:1", "abc", "model")


def wanted() -> None:
    """A check that lets everything go on."""


def embedding(size: int = 10) -> Embedding:
    return Embedding(4, 3, (np.zeros(size, np.uint8),))


def test_the_second_time_nothing_is_made() -> None:
    cache = EmbeddingCache(100)
    first, cached = cache.get(KEY, embedding, check=wanted)
    assert not cached

    def refuse() -> Embedding:
        raise AssertionError("it was there")

    again, cached = cache.get(KEY, refuse, check=wanted)
    assert cached
    assert again is first


@pytest.mark.parametrize("other", [{"owner": "user:2"}, {"sha256": "abd"}, {"model": "other"}])
def test_another_owner_picture_or_model_is_another_embedding(other: dict[str, str]) -> None:
    cache = EmbeddingCache(100)
    mine, _ = cache.get(KEY, embedding, check=wanted)
    theirs, cached = cache.get(replace(KEY, **other), embedding, check=wanted)
    assert not cached
    assert theirs is not mine


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40)), max_size=40))
def test_what_is_kept_is_what_was_used_last_and_fits(uses: list[tuple[int, int]]) -> None:
    most = 100
    cache = EmbeddingCache(most)
    model: dict[int, int] = {}  # bytes by name, the oldest use first
    for name, size in uses:
        _, cached = cache.get(replace(KEY, sha256=str(name)), lambda size=size: embedding(size), check=wanted)
        assert cached is (name in model)
        model[name] = model.pop(name, size)
        while sum(model.values()) > most:
            model.pop(next(iter(model)))
        assert cache.nbytes == sum(model.values()) <= most


@pytest.mark.parametrize("most_bytes", [0, 9])
def test_what_does_not_fit_is_not_kept_and_pushes_nothing_out(most_bytes: int) -> None:
    cache = EmbeddingCache(most_bytes)
    cache.get(replace(KEY, sha256="small"), lambda: embedding(most_bytes), check=wanted)
    for _ in range(2):
        _, cached = cache.get(KEY, embedding, check=wanted)
        assert not cached
    assert cache.nbytes == most_bytes


@pytest.mark.parametrize("most_bytes", [0, 100])
def test_who_asks_at_the_same_time_shares_one(most_bytes: int) -> None:
    """Whether or not it can be kept afterwards."""
    cache, begun, go_on, made = EmbeddingCache(most_bytes), threading.Event(), threading.Event(), []

    def slowly() -> Embedding:
        begun.set()
        go_on.wait(10)
        made.append(embedding())
        return made[-1]

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(cache.get, KEY, slowly, check=wanted)
        assert begun.wait(10)
        others = [pool.submit(cache.get, KEY, slowly, check=wanted) for _ in range(4)]
        time.sleep(0.05)
        assert not any(other.done() for other in others)
        go_on.set()
        assert first.result(10) == (made[0], False)
        assert [other.result(10) for other in others] == [(made[0], True)] * 4
    assert len(made) == 1


def test_who_waits_may_stop_waiting() -> None:
    cache, begun, go_on = EmbeddingCache(100), threading.Event(), threading.Event()

    def slowly() -> Embedding:
        begun.set()
        go_on.wait(10)
        return embedding()

    def unwanted() -> None:
        raise Cancelled

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, KEY, slowly, check=wanted)
        assert begun.wait(10)
        with pytest.raises(Cancelled):
            cache.get(KEY, embedding, check=unwanted)
        go_on.set()
        assert first.result(10)[1] is False


def test_when_the_maker_is_cancelled_the_next_one_makes_it() -> None:
    cache, begun, go_on = EmbeddingCache(100), threading.Event(), threading.Event()

    def cancelled() -> Embedding:
        begun.set()
        go_on.wait(10)
        raise Cancelled

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, KEY, cancelled, check=wanted)
        assert begun.wait(10)
        second = pool.submit(cache.get, KEY, embedding, check=wanted)
        go_on.set()
        with pytest.raises(Cancelled):
            first.result(10)
        assert second.result(10)[1] is False
    assert cache.get(KEY, embedding, check=wanted)[1] is True
