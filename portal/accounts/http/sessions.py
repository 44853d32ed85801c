"""Sessions in the database, each saved in one statement."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError


class SessionStore(db.SessionStore):
    """Django's own, but for a session that is there already.

    Every request saves one (settings.SESSION_SAVE_EVERY_REQUEST), and Django does it in a
    transaction of its own: three questions for the database in place of one.
    """

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Save it. Raises UpdateError when it has been ended meanwhile: it stays ended."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        now = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        try:
            found = self.model.objects.filter(pk=now.pk).update(
                session_data=now.session_data, expire_date=now.expire_date
            )
        except DatabaseError as error:
            raise UpdateError from error
        if not found:
            raise UpdateError
