"""The one site of the app: Unfold's admin, our pages in it, and a second factor before all of it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from config.navigation import navigation


class StaffSite(UnfoldAdminSite):
    """Lets in who is signed in with both factors; what each may do is decided by permissions."""

    index_title = "Dashboard"
    site_title = "Family Guide staff"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the request comes from a member of staff with both factors."""
        return super().has_permission(request) and request.user.is_verified()  # type: ignore[union-attr]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for name and password, then for the second factor."""
        from accounts.forms import SignInForm
        from accounts.views import second_factor_address

        target = request.GET.get("next") or request.POST.get("next") or reverse("admin:index")
        if request.user.is_authenticated:
            verified = request.user.is_verified()  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("admin:index") if verified else second_factor_address(target))
        context = {"title": "Sign in", "site_title": self.site_title, "theme": "light", "next": target}
        view = LoginView.as_view(
            authentication_form=SignInForm,
            template_name="accounts/sign_in.html",
            extra_context=context,
            next_page=second_factor_address(target),
        )
        # The second factor's page checks the target; the first step always goes there.
        asked, sent = request.GET.copy(), request.POST.copy()
        asked.pop("next", None)
        sent.pop("next", None)
        request.GET, request.POST = asked, sent  # type: ignore[assignment]
        return cast(HttpResponse, view(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page shows: the navigation with its counts, and problems of the import."""
        context = super().each_context(request)
        if context["has_permission"] and isinstance(request.user, User):
            context.update(navigation(request))
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the dashboard."""
        from insight.views import dashboard

        return dashboard(request)

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of our pages before those of the admin."""
        from conversations import undelivered_views as undelivered
        from conversations import views as conversations
        from insight import views as insight
        from review import suggestion_views as suggestions
        from review import views as review

        pages = (
            ("conversations/", conversations.conversation_list, "conversations"),
            ("conversations/export.<str:form>", conversations.export, "export"),
            ("conversations/<int:key>/", conversations.transcript, "transcript"),
            ("conversations/<int:key>/message/<int:message>/", conversations.message, "message"),
            ("conversations/<int:key>/review/", review.save_review, "review"),
            ("conversations/<int:key>/note/", review.add_note, "add_note"),
            ("conversations/<int:key>/message/<int:message>/flag/", review.add_flag, "add_flag"),
            ("conversations/<int:key>/message/<int:message>/suggest/", review.suggest, "suggest"),
            ("flags/<int:key>/remove/", review.remove_flag, "remove_flag"),
            ("suggestions/", suggestions.suggestion_list, "suggestions"),
            ("suggestions/decide/", suggestions.decide, "decide_suggestions"),
            ("suggestions/batch/", suggestions.make_batch, "make_batch"),
            ("suggestions/batch/<int:key>/", suggestions.batch, "batch"),
            ("suggestions/batch/<int:key>/<str:form>", suggestions.export_batch, "export_batch"),
            ("gaps/", insight.gaps, "gaps"),
            ("undelivered/", undelivered.report_list, "undelivered"),
            ("undelivered/<int:key>/seen/", undelivered.seen, "undelivered_seen"),
        )
        ours = [path(address, self.admin_view(view), name=name) for address, view, name in pages]
        return [*ours, *super().get_urls()]
