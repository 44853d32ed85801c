"""The panel before and in the room: its settings, meetings, nominations, agendas, papers, people.

Whoever runs the panel plans and writes down; the law says what of a child opens to whom; nothing
of a child reaches anybody whom a conflict of interest keeps away.
"""

from referrals.meetings.services.agenda import (
    AgendaPage,
    add,
    defer,
    discussed,
    move,
    read_agenda,
    remove,
    set_minutes,
)
from referrals.meetings.services.attendance import (
    Room,
    absent,
    arrive,
    close_item,
    leave,
    note_who_came,
    open_item,
    read_room,
)
from referrals.meetings.services.nominating import (
    Put,
    SiftPage,
    nominate,
    nominate_other,
    panels_for,
    read_nomination,
    read_sift,
    sift,
)
from referrals.meetings.services.packs import (
    Pack,
    PackItem,
    contribute,
    read_pack,
    read_pack_item,
    tick_read,
)
from referrals.meetings.services.papers import (
    download_pack,
    make_pack,
    own_pack,
    request_pack,
    sweep,
)
from referrals.meetings.services.planning import (
    Listed,
    People,
    Plan,
    invite,
    leave_out,
    list_meetings,
    plan,
    read_left_out,
    read_people,
    take_back,
)
from referrals.meetings.services.publishing import end, hold, publish
from referrals.meetings.services.series import Setup, keep_series

__all__ = [
    "AgendaPage",
    "Listed",
    "Pack",
    "PackItem",
    "People",
    "Plan",
    "Put",
    "Room",
    "Setup",
    "SiftPage",
    "absent",
    "add",
    "arrive",
    "close_item",
    "contribute",
    "defer",
    "discussed",
    "download_pack",
    "end",
    "hold",
    "invite",
    "keep_series",
    "leave",
    "leave_out",
    "list_meetings",
    "make_pack",
    "move",
    "nominate",
    "nominate_other",
    "note_who_came",
    "open_item",
    "own_pack",
    "panels_for",
    "plan",
    "publish",
    "read_agenda",
    "read_left_out",
    "read_nomination",
    "read_pack",
    "read_pack_item",
    "read_people",
    "read_room",
    "read_sift",
    "remove",
    "request_pack",
    "set_minutes",
    "sift",
    "sweep",
    "take_back",
    "tick_read",
]
