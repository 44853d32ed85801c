"""The outbox: what is owed to whom, delivered with or without the queue."""
