"""Addresses of the app: everything belongs to the one admin site."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts import views as accounts


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the web server works; says nothing else."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("health", health, name="health"),
    path("second-factor/", accounts.second_factor, name="second_factor"),
    path("", admin.site.urls),
]
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"
