"""Jobs in the Django admin: look, see the pictures, cancel. What a job is cannot be edited."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.images.admin import thumbnail
from core.jobs import services
from core.jobs.models import Job, JobImage


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "kind", "status", "owner", "pictures", "attempt", "created_at", "run_seconds")
    list_filter = ("status", "kind", "lane")
    search_fields = ("id", "owner", "request_id")
    date_hierarchy = "created_at"
    actions = ("cancel_jobs",)
    readonly_fields = ("pictures", *(field.name for field in Job._meta.fields))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).prefetch_related("images__image")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        # For the action below. Saving a page would write back every column as it was when the page was made.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_finished)

    @admin.display(description="Pictures")
    def pictures(self, job: Job) -> SafeString | None:
        made = [image for image in job.images.all() if image.role == JobImage.Role.OUTPUT]
        return format_html_join(" ", "{}", ((thumbnail(image.image),) for image in made)) or None

    @admin.display(description="Seconds")
    def run_seconds(self, job: Job) -> float | None:
        return job.metrics()["run_seconds"]

    @admin.action(description="Cancel the selected jobs", permissions=["change"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        cancelled = sum(services.cancel(job) for job in queryset)
        self.message_user(request, f"{cancelled} of {queryset.count()} jobs cancelled.", messages.SUCCESS)
