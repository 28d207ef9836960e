"""`/api/v1/ai-gateway/`."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.ai_gateway import services, sessions
from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.operations import RUN_PLAN
from apps.ai_gateway.serializers import (
    ChatAnswerSerializer,
    ChatJobSerializer,
    ChatSerializer,
    IntentSerializer,
    SessionSerializer,
)
from apps.ai_gateway.services import Chat
from core import disk
from core.api.views import StudioView
from core.images import responses, store
from core.images.receiving import receiving
from core.jobs import services as jobs
from core.jobs.serializers import JobSerializer

PICTURES = ("image", "mask", "reference_image")


class ChatView(StudioView):
    @extend_schema(
        operation_id="ai_gateway_chat",
        summary="Say what you want done",
        request=ChatSerializer,
        responses={200: ChatAnswerSerializer, 202: ChatJobSerializer},
    )
    def post(self, request: Request) -> Response:
        chat, as_url, stream = self._begun()
        if chat.work is None:
            services.finish(chat)
            return Response(self._answer(chat, []))
        disk.check_space()
        if stream or chat.is_long:
            job = jobs.submit(
                operation=RUN_PLAN, input=chat.work, owner=self.owner, request_id=self.request_id
            )
            services.finish(chat, job=job)
            shown = JobSerializer(job, context={"request": request}).data
            return Response({**self._answer(chat, []), "job": shown}, status=202)
        with jobs.answered(
            operation=RUN_PLAN,
            input=chat.work,
            owner=self.owner,
            request_id=self.request_id,
            keyed=self.idempotency_key is not None,
        ) as (_, output):
            services.finish(chat, output)
            pictures = responses.present(chat.image_ids, request if as_url else None)
            return Response(self._answer(chat, pictures))

    def _begun(self) -> tuple[Chat, bool, bool]:
        """The chat, whether its pictures are to be URLs, and whether a job is to be answered with."""
        with receiving(self.request, ChatSerializer):
            given = self.validated(ChatSerializer)
            given["brought"] = self._stored(given)
        as_url = given.pop("response_format", "b64") == "url"
        stream = given.pop("stream", False)
        # A language model may take seconds to read the message: by now the pictures are let go.
        return services.begin(owner=self.owner, **given), as_url, stream

    def _stored(self, given: dict[str, Any]) -> dict[str, UUID | None]:
        """Takes the pictures out of `given` and into the store; a dry run stores none."""
        brought = {name: picture for name in PICTURES if (picture := given.pop(name, None)) is not None}
        if given.get("dry_run"):
            return dict.fromkeys(brought)
        return {name: store.put(owner=self.owner.id, picture=brought[name]).pk for name in brought}

    def _answer(self, chat: Chat, pictures: list[str]) -> dict[str, Any]:
        return {
            "success": chat.understood,
            "request_id": self.request_id,
            "session_id": chat.session.session_id,
            "intent": chat.reading.intent,
            "confidence": chat.reading.confidence,
            "language": chat.language,
            "plan": chat.plan.summary,
            "response": chat.response,
            "images": [
                {"image_bytes": picture, "image_id": str(image_id)}
                for picture, image_id in zip(pictures, chat.image_ids, strict=True)
            ],
            "needs": list(chat.plan.needs),
        }


class SessionView(StudioView):
    @extend_schema(
        operation_id="ai_gateway_session", summary="Look at a session", responses=SessionSerializer
    )
    def get(self, request: Request, session_id: str) -> Response:
        session = sessions.get(owner=self.owner.id, session_id=session_id)
        return Response(SessionSerializer(session).data)

    @extend_schema(
        operation_id="ai_gateway_session_destroy", summary="Forget a session", responses={204: None}
    )
    def delete(self, request: Request, session_id: str) -> Response:
        sessions.delete(owner=self.owner.id, session_id=session_id)
        return Response(status=204)


class IntentsView(StudioView):
    @extend_schema(
        operation_id="ai_gateway_intents",
        summary="List what the gateway understands",
        responses=IntentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response([_shown(intent) for intent in all_intents().values()])


def _shown(intent: Intent) -> dict[str, Any]:
    return {
        "name": intent.name,
        "description": intent.does[0],
        "description_vi": intent.does[1],
        "service": intent.operation,
        "examples": list(intent.examples),
        "parameters": [
            {"name": parameter.name, "type": parameter.kind.__name__, "about": parameter.about}
            for parameter in intent.parameters
        ],
        "needs": intent.needs({}, frozenset()),
    }
