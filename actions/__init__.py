"""Custom actions. Thin: from the tracker to plain Python and back to messages."""
