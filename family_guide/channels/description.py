"""The written description of the website API, as it is served."""

from pathlib import Path
from typing import Any

import yaml

from family_guide.settings import Settings

DESCRIPTION_PATH = "/openapi.json"
"""Below the channel's own address: `/webhooks/website/openapi.json`."""
_FILE = Path(__file__).with_name("website.openapi.yml")


def description(configured: Settings) -> dict[str, Any]:
    """Return the OpenAPI document, with this deployment's limit of a text filled in.

    Args:
        configured: the deployment's settings.
    """
    document: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    if configured.max_chars:
        document["components"]["schemas"]["Typed"]["properties"]["text"]["maxLength"] = configured.max_chars
    return document
