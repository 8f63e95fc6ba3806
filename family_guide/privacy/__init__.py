"""What identifies a family: taken out before anything is written, and deleted when its time is over."""

from family_guide.privacy.redaction import Redacted, redact
from family_guide.privacy.spans import Span

__all__ = ["Redacted", "Span", "redact"]
