"""The symptom check: questions and rules as data, run by a small engine that knows nothing of Rasa."""

from family_guide.problem import Problem
from family_guide.symptom_check.engine import Engine, Turn
from family_guide.symptom_check.loader import load_protocol
from family_guide.symptom_check.messages import Message
from family_guide.symptom_check.problems import ContentError
from family_guide.symptom_check.protocol import Protocol

__all__ = ["ContentError", "Engine", "Message", "Problem", "Protocol", "Turn", "load_protocol"]
