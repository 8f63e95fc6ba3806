"""Forms for signing in, for the second factor and for accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, AuthenticationForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django_otp import match_token
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.roles import ROLES, give_role, role_of

_CODE = forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "pattern": "[0-9 ]*"})


def _digits(code: str) -> str:
    return "".join(code.split())


class SignInForm(AuthenticationForm):
    """Name and password; the second factor comes on the next page."""

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse accounts that are switched off or not for staff.

        Raises:
            ValidationError: the account may not sign in.
        """
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise self.get_invalid_login_error()


class CodeForm(forms.Form):
    """The code that the authenticator app shows.

    Args:
        user: who signs in.
        device: the authenticator app that is set up just now, or None to take any that is.
    """

    code = forms.CharField(label="Six-digit code", max_length=10, widget=_CODE)

    def __init__(self, user: User, device: TOTPDevice | None = None, data: Any = None) -> None:
        super().__init__(data)
        self._user, self._device = user, device
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self) -> TOTPDevice:
        """Return the device whose code it is.

        Raises:
            ValidationError: the code is wrong, or too many were.
        """
        code = _digits(self.cleaned_data["code"])
        device = match_token(self._user, code) if self._device is None else self._verified(code)
        if device is None:
            raise ValidationError(
                "That code is not right, or it was used already. Wait for the next one in your app and "
                "check that the clock of your phone is right."
            )
        return device

    def _verified(self, code: str) -> TOTPDevice | None:
        assert self._device is not None
        return self._device if self._device.verify_token(code) else None


class AccountForm(forms.ModelForm):
    """An account as an administrator sees it."""

    role = forms.ChoiceField(
        choices=[(role, role.capitalize()) for role in ROLES],
        widget=UnfoldAdminSelectWidget,
        help_text="A viewer reads; a reviewer also reviews; an editor also decides on suggestions and "
        "exports; an administrator also manages accounts and reads the audit log.",
    )
    reset_second_factor = forms.BooleanField(
        label="Phone lost",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="The authenticator app is set up again at the next sign-in.",
    )

    class Meta:
        model = User
        fields = ("username", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["role"].initial = role_of(self.instance)

    def clean(self) -> dict[str, Any]:
        """Keep the last administrator.

        Raises:
            ValidationError: nobody could manage accounts any more.
        """
        cleaned = super().clean() or {}
        stays = cleaned.get("is_active", True) and cleaned.get("role") == ROLES[-1]
        if self.instance.pk and role_of(self.instance) == ROLES[-1] and not stays:
            others = Group.objects.get(name=ROLES[-1]).user_set.filter(is_active=True).exclude(pk=self.instance.pk)
            if not others.exists():
                raise ValidationError("This is the last administrator. Make another account one first.")
        return cleaned


class NewAccountForm(AdminUserCreationForm):
    """A new account with its first password, which its owner changes, and its role."""

    role = forms.ChoiceField(choices=[(role, role.capitalize()) for role in ROLES], widget=UnfoldAdminSelectWidget)

    class Meta:
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody signs in without a password here.
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            widget = self.fields[name].widget
            widget.attrs.update(UnfoldAdminTextInputWidget().attrs)


def save_role(user: User, role: str) -> None:
    """Give an account that a form saved its role and entry to the app."""
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    if role_of(user) != role:
        give_role(user, role)
