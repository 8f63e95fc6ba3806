"""Addresses of the app: everything belongs to the one admin site."""

from django.contrib import admin
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts import views as accounts


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the web server works; says nothing else."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether pages can be served: 503 while the staff database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("not ready", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")


urlpatterns = [
    path("health", health, name="health"),
    path("ready", ready, name="ready"),
    path("second-factor/", accounts.second_factor, name="second_factor"),
    path("", admin.site.urls),
]
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"
