"""Addresses of the practice of sharing."""

from django.urls import path

from sharing.disclosures import views
from sharing.disclosures.views import advice, records, share

app_name = "disclosures"
urlpatterns = [
    path("referrals/<str:reference>/why/", views.why, name="why"),
    path("referrals/<str:reference>/why/<str:key>/", views.why_item, name="why-item"),
    # Deciding to share, and what became of it.
    path("referrals/<str:reference>/share/", share.share, name="share"),
    path("referrals/<str:reference>/share/danger/", share.danger, name="danger"),
    path("referrals/<str:reference>/sharing/", records.sharing, name="sharing"),
    path("referrals/<str:reference>/view-as/", records.view_as, name="view-as"),
    path("shares/drafts/<uuid:pk>/danger/", share.danger_again, name="danger-again"),
    path("shares/drafts/<uuid:pk>/done/", share.done, name="done"),
    path("shares/drafts/<uuid:pk>/delete/", share.discard, name="discard"),
    path("shares/drafts/<uuid:pk>/<str:page>/", share.step, name="step"),
    path("shares/<uuid:pk>/", records.shared, name="shared"),
    path("shares/<uuid:pk>/stop/", records.stop, name="stop"),
    path("shares/<uuid:pk>/renew/", records.renew, name="renew"),
    path("shares/<uuid:pk>/acknowledge/", records.acknowledge, name="acknowledge"),
    path("advice/", advice.waiting, name="advice"),
    path("advice/<uuid:pk>/", advice.advise, name="advise"),
    path("register/", records.register, name="register"),
    path("register/file/", records.register_file, name="register-file"),
]
