"""The portal's addresses, with one view in the place of home that tells who is asking."""

from django.http import HttpResponse
from django.urls import include, path

from portal.home import urls as home
from portal.urls import urlpatterns as portal

PASSWORD = "long enough for anybody"  # noqa: S105
EMAIL = "t.eacher@school.example.org"


def whoami(request):
    return HttpResponse(f"{request.principal.working_as}|{request.principal.membership_id}")


urlpatterns = [
    path("", include(([path("home/", whoami, name="home"), *home.urlpatterns], "home"))),
    *portal,
]
