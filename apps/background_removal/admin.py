from django.contrib import admin

from apps.background_removal.models import Removal
from core.history.admin import HistoryAdmin

admin.site.register(Removal, HistoryAdmin)
