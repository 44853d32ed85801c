"""Addresses of what follows a referral. The pages of one case end in the verb."""

from django.urls import path

from referrals.following import views

app_name = "following"
urlpatterns = [
    path("referrals/", views.mine, name="mine"),
    path("referrals/<str:reference>/chase/", views.chase, name="chase"),
    path("referrals/<str:reference>/add/", views.add, name="add"),
    path("referrals/<str:reference>/add/file/", views.add_file, name="add_file"),
    path("referrals/<str:reference>/withdraw/", views.withdraw, name="withdraw"),
    path("referrals/<str:reference>/messages/", views.messages_of, name="messages"),
    path("referrals/<str:reference>/disagree/", views.disagree, name="disagree"),
    path("referrals/<str:reference>/disagree/further/", views.escalate, name="escalate"),
    path("referrals/<str:reference>/disagree/<uuid:pk>/answer/", views.answer, name="answer"),
]
