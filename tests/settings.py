"""The portal's settings, with what makes tests fast and keeps their mail in memory."""

from csp.constants import SELF

from portal.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# A test that is about the files' own host sets it.
FILES_URL = ""
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = [SELF]
