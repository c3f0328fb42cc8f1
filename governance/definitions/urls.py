"""The addresses of the glossary and of the definitions."""

from django.urls import path

from governance.definitions import views

urlpatterns = [
    path("glossary/", views.glossary_page, name="glossary"),
    path("definitions/", views.definitions_page, name="definitions"),
]
