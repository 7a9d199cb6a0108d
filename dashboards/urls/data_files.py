"""Figures that come as files."""

from django.urls import URLPattern, path

from dashboards.views import data_files

_KIND = "data-files/<slug:code>"

urlpatterns: list[URLPattern] = [
    path("data-files/", data_files.data_files, name="data_files"),
    path(f"{_KIND}/", data_files.data_file, name="data_file"),
    path(f"{_KIND}/preview/", data_files.preview, name="data_files_preview"),
    path(f"{_KIND}/confirm/", data_files.confirm, name="data_files_confirm"),
    path(f"{_KIND}/empty.<slug:form>", data_files.empty, name="data_files_empty"),
]
