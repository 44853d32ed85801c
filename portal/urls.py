"""Every address of the portal, and who answers when something goes wrong."""

from django.urls import include, path

from portal.accounts.urls import away

urlpatterns = [
    path("", include("portal.home.urls")),
    path("", include(away)),
    path("account/", include("portal.accounts.urls")),
    path("notifications/", include("portal.notifications.urls")),
    path("rules/", include("sharing.rules.urls")),
    # What is particular comes before the core: there, `referrals/<reference>/` takes any word.
    path("", include("referrals.information.urls")),
    path("", include("referrals.intake.urls")),
    path("", include("referrals.meetings.urls")),
    path("", include("referrals.triage.urls")),
    path("", include("referrals.assessments.urls")),
    path("", include("referrals.actions.urls")),
    path("", include("referrals.following.urls")),
    path("", include("referrals.matching.urls")),
    path("", include("referrals.links.urls")),
    path("", include("sharing.disclosures.urls")),
    path("", include("portal.governance.urls")),
    path("", include("referrals.urls")),
    path("api/v1/", include("referrals.triage.api")),
    path("api/v1/", include("referrals.api")),
]

handler400 = "portal.common.http.handler400"
handler403 = "portal.common.http.handler403"
handler404 = "portal.common.http.handler404"
handler500 = "portal.accounts.http.handler500"
