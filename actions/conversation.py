"""What is stored of a conversation: shown and deleted on request."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import entity, go_on_with_check
from family_guide.channels.conversation import DELETE_CONVERSATION
from family_guide.channels.payload import payload
from family_guide.settings import settings

_LAST = 20
_YES, _NO = "delete:yes", "delete:no"


class ActionDeleteConversation(Action):
    """Asks once, then has the channel delete what is stored."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_delete_conversation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask, or say that it is deleted; the channel deletes when the message is done."""
        choice = entity(tracker, "choice")
        if choice == _YES:
            dispatcher.utter_message(
                text="This conversation is deleted. You can start again whenever you like.",
                metadata={"kind": "info", "data": {DELETE_CONVERSATION: True}},
            )
        elif choice == _NO:
            dispatcher.utter_message(text="All right. Nothing was deleted.", metadata={"kind": "info"})
        else:
            dispatcher.utter_message(
                text="Shall I delete all that is stored of this conversation? It cannot be undone.",
                buttons=[
                    {"title": "Yes, delete it", "payload": payload("delete_conversation", choice=_YES)},
                    {"title": "No, keep it", "payload": payload("delete_conversation", choice=_NO)},
                ],
                metadata={"kind": "info"},
            )
        return []


class ActionShowMyData(Action):
    """Shows what is stored of this conversation."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_show_my_data"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say what is kept, for how long, and list the family's own messages as stored."""
        # The last event of the family is this very request, not yet stored.
        said = [e["text"] for e in tracker.events if e.get("event") == "user" and e.get("text")][:-1]
        days = settings().retention_days
        how_long = f"It is deleted after {days} days." if days else "It is kept until someone deletes it."
        lines = [
            "I keep what you type and what I answer. Names, numbers and addresses are taken out "
            f"before it is saved. {how_long} Staff may read it to make the answers better.",
        ]
        if said:
            shown = said[-_LAST:]
            lines.append("Your messages, as they are stored" + (" (the last 20):" if len(said) > _LAST else ":"))
            lines.append("\n".join(f"- {text}" for text in shown))
        else:
            lines.append("So far, nothing of yours is stored.")
        dispatcher.utter_message(
            text="\n\n".join(lines),
            buttons=[{"title": "Delete this conversation", "payload": payload("delete_conversation")}],
            metadata={"kind": "info"},
        )
        return go_on_with_check(dispatcher, tracker)
