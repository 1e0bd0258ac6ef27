"""Where the forum is: the site chooses the path, and nothing says that it is /forum/."""

from django.urls import include, path

urlpatterns = [path("community/boards/", include("machina.urls"))]
