"""How many requests hold decoded pictures at a time."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from core.api.serializers import StrictSerializer
from core.images.fields import PictureField
from core.images.receiving import receiving
from core.images.serializers import UploadSerializer
from core.jobs.tests.studio import wait_until

CORES = os.cpu_count() or 1


class WordsSerializer(StrictSerializer):
    """A body without pictures."""


class SeveralSerializer(StrictSerializer):
    """A body with a list of them."""

    images = serializers.ListField(child=PictureField())


def request() -> Request:
    return Request(RequestFactory().post("/", {}, "application/json"), parsers=[JSONParser()])


def test_no_more_than_there_are_cores_and_words_wait_for_nobody() -> None:
    go_on, lock, inside, most = threading.Event(), threading.Lock(), 0, 0

    def ask(body: type[StrictSerializer]) -> None:
        nonlocal inside, most
        with receiving(request(), body):
            with lock:
                inside += 1
                most = max(most, inside)
            go_on.wait(10)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(2 * CORES + 2) as pool:
        asked = [pool.submit(ask, body) for body in (UploadSerializer, SeveralSerializer) * (CORES + 1)]
        wait_until(lambda: inside == CORES)
        with receiving(request(), WordsSerializer):
            assert inside == CORES
        go_on.set()
        for one in asked:
            one.result()
    assert most == CORES
