"""The floor's addresses."""

from django.urls import path

from bench.floor import views

urlpatterns = [
    path("columns/", views.ColumnList.as_view()),
    path("every/", views.EveryList.as_view()),
    path("create/", views.Create.as_view()),
    path("table/", views.table),
]
