"""The admin app with our site as its default."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Makes `django.contrib.admin.site` the staff site."""

    default_site = "config.site.StaffSite"
