"""Telling the police something without a child: information reports, their lists and links."""
