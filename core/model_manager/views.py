"""Models over HTTP: everybody may look, staff may load, unload and pull."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts.permissions import IsStaff
from core.api.views import StudioView
from core.jobs.serializers import JobSerializer
from core.model_manager import services
from core.model_manager.serializers import ModelSerializer, ModelStateSerializer


@extend_schema(tags=["models"])
class ModelListView(StudioView):
    @extend_schema(
        operation_id="models_list", summary="List the models", responses=ModelSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Every model the studio knows, installed or not."""
        return Response(ModelSerializer(services.list_models(), many=True).data)


@extend_schema(tags=["models"])
class ModelView(StudioView):
    @extend_schema(operation_id="models_retrieve", summary="Look at a model", responses=ModelSerializer)
    def get(self, request: Request, model_id: str) -> Response:
        """One model."""
        return Response(ModelSerializer(services.get_model(model_id=model_id)).data)


@extend_schema(tags=["models"], request=None)
class StaffModelView(StudioView):
    """What changes the machine for everybody."""

    permission_classes = [IsStaff]


class ModelLoadView(StaffModelView):
    @extend_schema(operation_id="models_load", summary="Load a model (staff)", responses=ModelStateSerializer)
    def post(self, request: Request, model_id: str) -> Response:
        """Loads the model and answers when it is on the device."""
        state = services.load(
            model_id=model_id,
            owner=self.owner,
            request_id=self.request_id,
            keyed=self.idempotency_key is not None,
        )
        return Response(ModelStateSerializer(state).data)


class ModelUnloadView(StaffModelView):
    @extend_schema(
        operation_id="models_unload", summary="Unload a model (staff)", responses=ModelStateSerializer
    )
    def post(self, request: Request, model_id: str) -> Response:
        """Takes the model off the device; no error when it was not there."""
        state = services.unload(
            model_id=model_id,
            owner=self.owner,
            request_id=self.request_id,
            keyed=self.idempotency_key is not None,
        )
        return Response(ModelStateSerializer(state).data)


class ModelPullView(StaffModelView):
    @extend_schema(
        operation_id="models_pull", summary="Download a model (staff)", responses={202: JobSerializer}
    )
    def post(self, request: Request, model_id: str) -> Response:
        """Queues the download of the model; the job shows how far it is."""
        job = services.pull(
            model_id=model_id, owner=self.owner, request_id=self.request_id, job_id=self.job_id
        )
        return Response(
            JobSerializer(job, context={"request": request}).data, status=status.HTTP_202_ACCEPTED
        )
