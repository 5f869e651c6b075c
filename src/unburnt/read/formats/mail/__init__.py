"""Messages, mailboxes, calendars and what protects them."""
