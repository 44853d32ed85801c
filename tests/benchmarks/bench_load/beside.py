"""django-helpdesk with as many tickets, on the same cluster and under the same web server.

It is installed from PyPI into a folder of its own, with its own settings written there. Its
queues stand for agencies and its users for people; the share of open tickets is that of the board.
"""

import json
import os
import subprocess
import sys
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from psycopg2.extensions import parse_dsn

from tools import databases, servers
from tools.progress import step
from tools.supervise import Process

RELEASE = "django-helpdesk==2.6.1"
WITH = ("Django==5.2.*", "gunicorn", "psycopg2-binary")
NAME = "load_helpdesk"
STAFF = 20
"""So many of the users are staff: the others wrote tickets."""

SETTINGS = """
import os
SECRET_KEY = "a benchmark's"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "hd_urls"
USE_TZ = True
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
    "django.contrib.sites", "django.contrib.humanize", "rest_framework", "helpdesk",
]
SITE_ID = 1
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
    **{name: os.environ["HD_" + name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_STAFF_ONLY_TICKET_OWNERS = os.environ.get("HD_STAFF_ONLY") == "1"
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls"))]
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hd_settings")
application = get_wsgi_application()
"""
FILL = """
import sys, json, django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
tickets, queues, people, staff = map(int, sys.argv[1:])
User = get_user_model()
if tickets:
    call_command("migrate", verbosity=0)
    User.objects.bulk_create(
        [User(username=f"person{n}", first_name="Person", last_name=str(n),
              email=f"p{n}@load.example.org", is_staff=n < staff) for n in range(people)])
    from helpdesk.models import FollowUp, Queue, Ticket, UserSettings
    UserSettings.objects.bulk_create(
        [UserSettings(user=user) for user in User.objects.filter(usersettings_helpdesk=None)])
    Queue.objects.bulk_create([Queue(title=f"Agency {n}", slug=f"a{n}") for n in range(queues)])
    first, owner = Queue.objects.order_by("pk")[0].pk, User.objects.order_by("pk")[0].pk
    def insert(model, given, asked):
        # What is not given has the model's own default.
        row = {f.column: f.get_default() for f in model._meta.concrete_fields if not f.primary_key}
        values = [given.get(name, "%s") for name in row]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(row)})"
                f" SELECT {', '.join(values)} FROM {asked}",
                [value for name, value in row.items() if name not in given])
    insert(Ticket, {
        "title": "'Ticket about a concern ' || i", "description": "repeat('What was seen. ', 40)",
        "queue_id": f"{first} + mod(i, {queues})",
        "created": "now() - random() * interval '1000 days'", "modified": "now()",
        "submitter_email": f"'p' || mod(i, {people}) || '@load.example.org'",
        "assigned_to_id": f"CASE WHEN mod(i, 3) > 0 THEN {owner} + mod(i, {staff}) END",
        "status": "CASE WHEN random() < 0.02 THEN 1 ELSE 4 END",
        "priority": "1 + mod(i, 5)", "secret_key": "md5(i::text)", "on_hold": "false",
    }, f"generate_series(1, {tickets}) i")
    insert(FollowUp, {
        "ticket_id": "id", "date": "created + interval '1 day'", "title": "'Comment'",
        "comment": "repeat('What was done. ', 20)", "public": "true",
    }, "helpdesk_ticket")
cookies = []
for user in User.objects.filter(is_staff=True).order_by("pk")[:staff]:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    cookies.append({"sessionid": client.cookies["sessionid"].value})
from django.test.utils import CaptureQueriesContext
queries = {}
for name, address in json.load(sys.stdin).items():
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200, (name, answer.status_code)
    queries[name] = len(seen)
json.dump({"cookies": cookies, "queries": queries}, sys.stdout)
"""

# What the page asks for when nothing is chosen, as its own script does.
_QUERY = {
    "filtering": {"status__in": [1, 2]},
    "sorting": "created",
    "search_string": "",
    "sortreverse": False,
}
ADDRESSES = {
    "page": "/tickets/",
    "rows": f"/datatables_ticket_list/{b64encode(json.dumps(_QUERY).encode()).decode()}"
    "?draw=1&start=0&length=25&order[0][column]=5&order[0][dir]=asc&search[value]=",
}
HOLDS = {"page": "ticketTable", "rows": "recordsTotal"}


class Helpdesk:
    """It: made once, started under two names (as it is installed, and told to list staff only)."""

    def __init__(self, folder: Path, admin: str) -> None:
        self.folder, self.admin = folder / "helpdesk", admin
        self.python = self.folder / "venv" / "bin" / "python"
        parts = parse_dsn(databases.renamed(admin, NAME))
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "hd_settings",
            "PYTHONPATH": str(self.folder),
            "HD_NAME": parts["dbname"],
            **{f"HD_{name.upper()}": parts[name] for name in ("user", "password", "host", "port")},
        }
        self.cookies: list[dict[str, str]] = []
        self.queries: dict[str, int] = {}
        self.running: dict[str, tuple[Process, int]] = {}

    def prepare(self, tickets: int, queues: int, people: int, *, again: bool) -> None:
        """Install it, make its tables and its rows, and sign its staff in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = {"settings": SETTINGS, "urls": URLS, "wsgi": WSGI, "fill": FILL}
        for name, text in files.items():
            (self.folder / f"hd_{name}.py").write_text(text.lstrip())
        if not self.python.exists():
            with step(f"{RELEASE}, from PyPI"):
                venv = self.folder / "venv"
                subprocess.run([sys.executable, "-m", "venv", venv], check=True)
                pip = [self.python, "-m", "pip", "install", "-q", RELEASE, *WITH]
                subprocess.run(pip, check=True)
        noted = f"{tickets} {queues} {people}"
        made = again and databases.noted(self.admin, NAME) == noted
        if not made:
            databases.drop(self.admin, NAME)
            databases.ask(self.admin, f"CREATE DATABASE {NAME}")
        with step("Its tickets, and its staff signed in"):
            numbers = map(str, (0 if made else tickets, queues, people, STAFF))
            told = subprocess.run(
                [self.python, self.folder / "hd_fill.py", *numbers],
                env=self.env,
                input=json.dumps(ADDRESSES),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        if not made:
            databases.ask(databases.renamed(self.admin, NAME), "VACUUM ANALYZE")
            databases.note(self.admin, NAME, noted)
        found = json.loads(told.stdout)
        self.cookies, self.queries = found["cookies"], found["queries"]

    def started(
        self, stack: ExitStack, argv: list[str], *, staff_only: bool
    ) -> tuple[Process, int]:
        """Its web server, with the arguments that the portal's has, and its port.

        Both ways of it are started once and stand side by side.
        """
        name = "staff-only" if staff_only else "as-installed"
        if name not in self.running:
            port = servers.port(self.folder, name)
            command = [self.python, "-m", "gunicorn", "hd_wsgi", "--bind", f"127.0.0.1:{port}"]
            env = self.env | {"HD_STAFF_ONLY": "1" if staff_only else "0"}
            process = Process(name, [*command, *argv], env, self.folder)
            stack.callback(process.stop)
            process.start()
            servers.wait_for_port(port, process.log)
            self.running[name] = process, port
        return self.running[name]

    def users(self, what: str, count: int) -> list[dict[str, Any]]:
        """Its staff, each of whom asks for this one thing."""
        page = {"name": what, "weight": 1, "addresses": [ADDRESSES[what]], "holds": HOLDS[what]}
        some = (self.cookies * count)[:count]
        return [{"cookies": dict(cookies), "pages": [page]} for cookies in some]
