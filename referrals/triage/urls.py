"""Addresses of triage. The verb in the path is the verb of the transition table."""

from django.urls import path

from referrals.triage.views import beside, board, case, closing, joining

app_name = "triage"
urlpatterns = [
    path("triage/", board.board, name="board"),
    path("triage/next/", board.take_next, name="next"),
    path("triage/assign/", board.assign, name="assign"),
    path("triage/views/keep/", board.keep_view, name="keep-view"),
    path("triage/views/forget/", board.forget_view, name="forget-view"),
    path("triage/priority/", board.prioritise, name="priority"),
    path("triage/handovers/", beside.handovers, name="handovers"),
    path("triage/handovers/<uuid:pk>/", beside.handover, name="handover"),
    path("triage/tasks/", beside.tasks, name="tasks"),
    path("triage/tasks/<uuid:pk>/", beside.task, name="task"),
    path("triage/hidden/<uuid:pk>/", beside.hidden, name="hidden"),
    path("triage/hand-over/", closing.hand_over, name="hand-over"),
    path("triage/look-backs/", closing.look_backs, name="look-backs"),
    path("triage/left/", closing.left, name="left"),
    path("triage/<str:reference>/", case.workspace, name="workspace"),
    path("triage/<str:reference>/acknowledge/", case.acknowledge, name="acknowledge"),
    path("triage/<str:reference>/clock/", case.clock, name="clock"),
    path("triage/<str:reference>/check/", case.check, name="check"),
    path("triage/<str:reference>/decide/", case.decide, name="decide"),
    path("triage/<str:reference>/proposals/<uuid:pk>/", case.proposal, name="proposal"),
    path("triage/<str:reference>/matches/<str:other>/join/", joining.join, name="join"),
    path("triage/<str:reference>/matches/<str:other>/undo/", joining.undo, name="undo"),
    path("referrals/<str:reference>/close/", closing.close, name="close"),
    path("referrals/<str:reference>/look-back/", closing.look_back, name="look-back"),
    path("referrals/<str:reference>/reopen/", closing.reopen, name="reopen"),
    path("referrals/<str:reference>/step/<slug:action>/", case.move, name="move"),
]
