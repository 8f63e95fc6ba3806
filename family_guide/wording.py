"""The few fixed sentences that are said when something behind the assistant fails.

They stand in code because they must be there when no file, database or action is.
The emergency line repeats `content/safety.yml`, which a test keeps in step.
"""

EMERGENCY_LINE = "In an emergency, call 911."

WENT_WRONG = (
    "Something went wrong on our side, so I could not answer. What you told me before is kept. "
    f"Please send your last message again. {EMERGENCY_LINE}"
)
"""The safe reply: claims nothing that did not happen, and says what to do."""
