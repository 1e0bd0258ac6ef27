"""Where the forum is: at the root of its host."""

from django.urls import include, path

urlpatterns = [path("", include("spirit.urls"))]
