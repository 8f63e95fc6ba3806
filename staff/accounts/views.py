"""Signing in with two factors, and the pages of errors."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import segno
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.forms import CodeForm

_DEVICE = "Authenticator app"
_GROUPED_BY = 4


@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the authenticator app; have it set up first where there is none."""
    user = request.user
    assert isinstance(user, User)
    target = _target(request)
    if user.is_verified():  # type: ignore[attr-defined]
        return HttpResponseRedirect(target)
    new = None
    if not TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        new, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": _DEVICE})
    form = CodeForm(user, new, request.POST or None)
    if form.is_valid():
        device = form.cleaned_data["code"]
        if new is not None:
            device.confirmed = True
            device.save(update_fields=["confirmed"])
        otp_login(request, device)
        return HttpResponseRedirect(target)
    context = {**_outside(request), "title": "Second factor", "form": form, "next": target}
    if new is not None:
        key = _base32(new)
        context["qr_code"] = segno.make(new.config_url).svg_inline(border=2, omitsize=True)
        context["key"] = " ".join(key[i : i + _GROUPED_BY] for i in range(0, len(key), _GROUPED_BY))
    return render(request, "accounts/second_factor.html", context)


def second_factor_address(target: str) -> str:
    """Return where the second factor is asked for, on the way to a page."""
    return reverse("second_factor") + "?" + urlencode({REDIRECT_FIELD_NAME: target})


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the role does not allow it."""
    return _error(request, 403, "Your role does not allow this", "An administrator can give you another role.")


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is no such page, or that the conversation was deleted."""
    text = "The address may be wrong, or the conversation was deleted on request or because of its age."
    return _error(request, 404, "There is no such page", text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something failed; nothing internal is shown."""
    text = "The app could not do this. Try again; if it stays so, tell whoever runs the app the time."
    return _error(request, 500, "Something went wrong", text)


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {**_outside(request), "title": title, "text": text}
    return render(request, "accounts/error.html", context, status=status)


def _outside(request: HttpRequest) -> dict[str, Any]:
    return {"site_title": admin.site.site_title, "theme": "light"}


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if allowed else reverse("admin:index")


def _base32(device: TOTPDevice) -> str:
    return base64.b32encode(device.bin_key).decode("ascii").rstrip("=")
