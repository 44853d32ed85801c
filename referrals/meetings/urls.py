"""Addresses of the panel. Meetings and items are known by numbers that say nothing of a child."""

from django.urls import path

from referrals.meetings.views import agenda, discussion, meetings, minutes, packs, room, sift

app_name = "meetings"
urlpatterns = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/panels/new/", meetings.new_series, name="new-series"),
    path("meetings/panels/<uuid:pk>/", meetings.series, name="series"),
    path("meetings/panels/<uuid:pk>/new/", meetings.new, name="new"),
    path("meetings/sift/", sift.waiting, name="sift"),
    path("meetings/sift/<uuid:pk>/", sift.nomination, name="nomination"),
    path("meetings/nominate/", sift.nominate_other, name="nominate-other"),
    path("referrals/<str:reference>/nominate/", sift.nominate, name="nominate"),
    path("meetings/<uuid:pk>/agenda/", agenda.agenda, name="agenda"),
    path("meetings/<uuid:pk>/publish/", agenda.publish, name="publish"),
    path("meetings/<uuid:pk>/people/", meetings.people, name="people"),
    path("meetings/<uuid:pk>/people/back/", meetings.take_back, name="take-back"),
    path("meetings/<uuid:pk>/items/<uuid:item>/people/", agenda.leave_out, name="leave-out"),
    path("meetings/<uuid:pk>/pack/", packs.pack, name="pack"),
    path("meetings/<uuid:pk>/pack/read/", packs.tick, name="tick"),
    path("meetings/<uuid:pk>/pack/pdf/", packs.pdf, name="pdf"),
    path("meetings/<uuid:pk>/pack/download/", packs.download, name="download"),
    path("meetings/<uuid:pk>/pack/<uuid:item>/", packs.item, name="item"),
    path("meetings/<uuid:pk>/attendance/", room.attendance, name="attendance"),
    path("meetings/<uuid:pk>/hold/", room.hold, name="hold"),
    path("meetings/<uuid:pk>/end/", room.end, name="end"),
    path("meetings/<uuid:pk>/attendance/<uuid:item>/", room.item, name="room"),
    path("meetings/<uuid:pk>/screen/", discussion.screen, name="screen"),
    path("meetings/<uuid:pk>/screen/leave/", discussion.clear_screen, name="clear-screen"),
    path("meetings/<uuid:pk>/items/<uuid:item>/", discussion.discussion, name="discussion"),
    path("meetings/<uuid:pk>/items/<uuid:item>/present/", discussion.present, name="present"),
    path("meetings/<uuid:pk>/items/<uuid:item>/pen/", discussion.take_pen, name="take-pen"),
    path("meetings/<uuid:pk>/items/<uuid:item>/pen/hand/", discussion.hand_pen, name="hand-pen"),
    path("meetings/<uuid:pk>/items/<uuid:item>/decision/", discussion.decision, name="decision"),
    path("meetings/<uuid:pk>/minutes/", minutes.minutes, name="minutes"),
    path("meetings/<uuid:pk>/minutes/draft/", minutes.draft, name="draft-minutes"),
    path("meetings/<uuid:pk>/minutes/comment/", minutes.comment, name="comment"),
    path("meetings/<uuid:pk>/minutes/approve/", minutes.approve, name="approve"),
    path(
        "meetings/<uuid:pk>/minutes/items/<uuid:item>/approve/",
        minutes.approve_item,
        name="approve-item",
    ),
    path("meetings/<uuid:pk>/minutes/pdf/", minutes.pdf, name="minutes-pdf"),
    path("meetings/minutes/<uuid:pk>/", minutes.printed, name="minutes-printed"),
    path("meetings/minutes/<uuid:pk>/download/", minutes.download, name="minutes-download"),
]
