"""The few fixed sentences that only messaging channels say."""

from collections.abc import Sequence

from family_guide.wording import EMERGENCY_LINE

TOO_LONG = (
    "That message is too long for me. Please send it in shorter parts, or just the main question. " + EMERGENCY_LINE
)
TOO_MANY = "That was a lot in a short time. Please wait a minute, then go on. " + EMERGENCY_LINE
OLD_BUTTON = "I no longer know that button. Please type your question instead. " + EMERGENCY_LINE
WELCOME = (
    "Hello. You can ask me about ASPS, a rare cancer, in your own words. I am a computer program: "
    "I cannot diagnose, and I am no doctor. " + EMERGENCY_LINE
)
"""Said where the assistant's own welcome cannot be read."""
SMS_HELP = (
    "Family Guide: an automatic assistant about ASPS, a rare cancer. It is no doctor. "
    f"{EMERGENCY_LINE} Reply STOP to get no more messages, START to go on. Message and data rates may apply."
)
_PERHAPS_LOST = "My last reply may not have reached you. If you did not get it, please send your message again. "


def perhaps_lost(call: Sequence[str]) -> str:
    """Return what is said when nobody can tell whether a reply arrived; it is never sent twice.

    Args:
        call: numbers that the reply said to call.
    """
    return _PERHAPS_LOST + (f"If you need help now, call {' or '.join(call)}." if call else EMERGENCY_LINE)
