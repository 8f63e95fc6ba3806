"""What a button says, as Rasa writes it: `/intent{"entity": "value"}`."""

import json
import re
from typing import Any

_PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?")


def payload(intent: str, **entities: str) -> str:
    """Return the payload of a button.

    Args:
        intent: the flat intent it stands for.
        entities: what goes with it.
    """
    return f"/{intent}" + (json.dumps(entities) if entities else "")


def parse_payload(text: str, title: str) -> dict[str, Any]:
    """Return a parse result for a button, in the form that Rasa's processor takes.

    Args:
        text: a payload that the assistant itself offered.
        title: what the button said, which is what the family sees as their message.

    Raises:
        ValueError: the text is no payload.
    """
    match = _PAYLOAD.fullmatch(text)
    if match is None:
        raise ValueError("not a payload")
    entities = json.loads(match["entities"] or "{}")
    return {
        "text": title,
        "intent": {"name": match["intent"], "confidence": 1.0},
        "intent_ranking": [{"name": match["intent"], "confidence": 1.0}],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": len(title), "extractor": "button"}
            for name, value in entities.items()
        ],
    }
