"""Addresses of the practice of sharing."""

from django.urls import path

from sharing.disclosures import views
from sharing.disclosures.views import (
    advice,
    answers,
    changes,
    emergency,
    records,
    requests,
    share,
    walls,
)

app_name = "disclosures"
urlpatterns = [
    path("referrals/<str:reference>/why/", views.why, name="why"),
    path("referrals/<str:reference>/why/<str:key>/", views.why_item, name="why-item"),
    # Deciding to share, and what became of it.
    path("referrals/<str:reference>/share/", share.share, name="share"),
    path("referrals/<str:reference>/share/danger/", share.danger, name="danger"),
    path("referrals/<str:reference>/sharing/", records.sharing, name="sharing"),
    path("referrals/<str:reference>/chronology/", records.chronology, name="chronology"),
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

# Conflicts of interest, and emergency access.
urlpatterns += [
    path("referrals/<str:reference>/conflict/", walls.conflict, name="conflict"),
    path("referrals/<str:reference>/conflict/other/", walls.impose, name="impose"),
    path("conflicts/", walls.walls, name="walls"),
    path("conflicts/new/", walls.raise_for, name="raise_for"),
    path("conflicts/<uuid:pk>/", walls.lift, name="lift"),
    path("emergency-access/", emergency.find, name="emergency_find"),
    path("emergency-access/reviews/", emergency.emergencies, name="emergencies"),
    path(
        "emergency-access/reviews/<uuid:pk>/", emergency.emergency_review, name="emergency_review"
    ),
    path("emergency-access/<str:reference>/", emergency.emergency, name="emergency"),
    path("emergency-access/<str:reference>/why/", emergency.emergency_why, name="emergency_why"),
    path("emergency-access/<str:reference>/open/", emergency.emergency_open, name="emergency_open"),
    path("emergency-access/<str:reference>/end/", emergency.emergency_end, name="emergency_end"),
]

# Asking an agency, and what becomes of an answer.
urlpatterns += [
    path("requests/", requests.listed, name="requests"),
    path("requests/<uuid:pk>/", requests.opened, name="request"),
    path("requests/<uuid:pk>/chase/", requests.chase, name="chase"),
    path("requests/<uuid:pk>/pass-on/", requests.pass_on, name="pass-on"),
    path("requests/<uuid:pk>/answer/<str:reply>/", requests.answer, name="answer"),
    path("referrals/<str:reference>/requests/new/", requests.ask, name="ask"),
    path("referrals/<str:reference>/statements/<uuid:pk>/mark/", answers.mark, name="mark"),
    path(
        "referrals/<str:reference>/statements/<uuid:pk>/correct/", answers.correct, name="correct"
    ),
    path("referrals/<str:reference>/statements/<uuid:pk>/remove/", answers.remove, name="remove"),
]

# What a change of the law means for real cases.
urlpatterns += [
    path("rules/changes/<uuid:pk>/try/", changes.simulate, name="simulate"),
    path("rules/changes/<uuid:pk>/impact/", changes.impact, name="impact"),
    path("rules/examinations/<uuid:pk>/", changes.examination, name="examination"),
]
