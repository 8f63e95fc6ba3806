"""Rasa component: the parts of a message that may each be a question."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import shared_follow_ups
from family_guide.nlu.labels import MOST_PARTS, PARTS
from family_guide.nlu.spelling import KNOWN_AS
from family_guide.safety.net import SENTENCE_END

_SENTENCE_END = re.compile(
    rf"{SENTENCE_END}|(?:^|(?<=[\s,;]))\(?(?:q?[1-4]|[a-d])(?:[).:]|(?<=q[1-4]))\s+", re.IGNORECASE
)
"""Ends of sentences, and the marks of a list: "1) where do we park 2) who do we call"."""
_QUESTION_WORDS = (
    "is|isn't|isnt|are|was|were|can|could|will|would|do|does|did|should|has|have|must|may|how|hows|how's|what|what's|"
    "whats|wat|wats|wot|wots|why|when|wen|where|whereabouts|wheres|where's|who|whos|who's|whose|which|if|whether|am i|"
    "(?:in|at|on|to|for|with|from|by|until|about|as to|of) (?:which|what|whom|whose|when|how|why|whether)"
)
_SOMEBODY_ASKS = r"my (?:\w+ ){1,3}(?:asks|wants to know|is asking|keeps asking|wonders|would like to know)"
_NEXT_QUESTION = re.compile(
    rf",?\s+(?:and|an|or|nor|also|plus|but|then|so|n|&|\+|/|as well as|along with|second|secondly|then after that)"
    rf"\s*,?\s+(?:(?:also|then|second|secondly|next|after that|um|uh|er|like|well|my \w+ wants to know|"
    rf"my \w+'s question is)\s*,?\s+)*"
    rf"(?=(?:{_QUESTION_WORDS}|about|tell me|"
    r"(?:i|we)(?:'d| would)? (?:also )?(?:want|need|like) (?:also )?(?:to )?(?:know|ask)|"
    r"(?:i am|i'm|im) (?:also )?(?:scared|afraid|curious|not sure|wondering)|"
    r"(?:once|when|after) (?:\w+ ){1,5}what (?:then|next|happens)|"
    rf"{_SOMEBODY_ASKS}|(?:nobody|no one) (?:says|said|tells|told)|"
    rf"(?:my|his|her|the) (?:\w+(?:'s)? )?(?:other |second |next )?question is)\b)|"
    rf",\s+(?=(?:how|what|whats|what's|why|when|where|who|which|can|is|are|does|do|did|will|would|could|should|has|"
    rf"am i|if (?:so|not|yes|there is)|{_SOMEBODY_ASKS})\b)|"
    rf":\s+(?=(?:{_QUESTION_WORDS})\b)|\bquestion mark\b",
    re.IGNORECASE,
)
_UNMARKED = re.compile(
    r"\s+(?=(?:what about|how (?:about|long|often|much|many|do)|is it|is there|why (?:do|would|is|are)|where do|"
    r"is (?:\w+ ){1,3}(?:a sign|a symptom|one of the signs)|"
    rf"who (?:do|does)|{_SOMEBODY_ASKS}|(?P<modal>(?:will|can|does|should|could) (?:he|she|we|i|it|they)|"
    r"do (?:they|we|kids|all)))\b)",
    re.IGNORECASE,
)
"""Where a question may begin without any mark: "is it genetic what about his brother"."""
_LEADS_ON = re.compile(
    r"(?:^|\s)(?:know|tell|me|us|him|her|them|explain|understand|of|about|to|on|see|ask|say|says|said|sure|idea|"
    r"is|and|or|but|that|wonder|wondering|out|decide|exactly|just|so|ok|get|for|by|from|with|someone|"
    r"people|those|person|doctor|child|kids|kid|children|how|what|when|where|why|who|which|long|much|often|many|soon|"
    r"if|whether|because|before|after|until|till|while|as|than|then|think|hope|there|worried|afraid|scared|more|"
    r"far|big|fast|bad|well|early|old|time|day|way|thing|things|all|everything|anything|part|place)$",
    re.IGNORECASE,
)
"""Words before such a place that ask for what follows, or belong to it: "I don't know how long"."""
_ASKS = re.compile(
    rf"^\W*(?:(?:and|so|but|also|ok|okay|um|well|then|first|first off|second|please|my question is|my question|"
    rf"question)\W+)*(?:{_QUESTION_WORDS})\b|\?|"
    r"\b(?:wonders?|wants? (?:to )?know|like (?:also )?to know|need to know|tell me|explain|asking|asks|question is)\b|"
    r"\b(?:(?:do not|don't|dont|cannot|can't) (?:really )?(?:know|understand|grasp|get)|to ask|no idea|not sure|"
    r"(?:not|isn't|isnt|un)\s?clear|in the dark|curious|puzzled|confused|explanation|wondering|hoping to learn|"
    r"(?:love|glad|grateful|keen|happy|helpful) to (?:know|hear|learn|understand|find out))\b"
    r".*?\b(?:how|what|why|when|where|who|whose|which|whether|about)\b(?! (?:else )?to (?:do|think|say)\b)|"
    r"\b(?:nobody|no one|never|not|haven't|hasn't|didn't) (?:\w+ )?(?:says?|said|tells?|told|explain(?:ed)?)\b"
    r".*?\b(?:if|how|what|why|when|where|who|whether)\b|"
    r"\b(?:would|'d) like (?:also )?to (?:book|make|change|cancel|move|see)\b|"
    r"\bneed (?:the|an?|your) (?:phone|number|names?|address|appointment)\b|"
    r"\bwhat (?:then|next|happens)\b|"
    r"^\W*(?:(?:and|also|then)\W+)*(?:about|hear about|read about)\b",
    re.IGNORECASE,
)
_ASKS_IN_PASSING = re.compile(
    r"\b(?:ask(?:s|ed|ing)?|(?:find|found|figure|work|make) out|tell (?:me|us|her|him|them|you)|hear|learn|understand|"
    r"know|explain|wonder(?:s|ed|ing)?|promised|see|sure|past is|question is|thing is)\b"
    r".*?\b(?:how|what|why|when|where|who|whose|which|whether|if|about)\b(?! (?:else )?to (?:do|think|say)\b)|"
    r"\b(?:like|love|want|need|wish|glad|grateful|keen|happy|hoping|trying|able) (?:somebody |someone |you )?"
    r"to (?:tell|know|hear|learn|understand|find|talk|see|meet|explain)\b",
    re.IGNORECASE,
)
"""How a question stands in a story: "I promised him that I'd find out if he can be a dad"."""
_RELATIVE = re.compile(
    r"^(?:who(?:'s|s)? (?!do\b|does\b|did\b|will\b|would\b|can\b|could\b|should\b|decides\b|treats\b|the\b|is the\b|"
    r"are the\b)|"
    r"which (?:i|we|he|she|it|is|was|has|they|the|my|means|made|to|for)\b|whose \w+ (?:is|was|are|were|has)\b|"
    r"(?:has|have|had|is|was|are|were|did|does|do|can|could|will|would|may|must) (?!he\b|she\b|it\b|they\b|we\b|i\b|"
    r"you\b|there\b|the\b|this\b|that\b|these\b|my\b|our\b|his\b|her\b|any|a\b|an\b|all\b|most\b|every|asps\b|"
    r"radiation\b|chemo|surgery\b|embol|amput|rotation|kids\b|children\b)\w)[^?]*$",
    re.IGNORECASE,
)
"""Half a sentence of a story that begins like a question: ", who is a physio"."""
_SAME_BEGINNING = re.compile(
    r"^((?:can|could|will|would|should|may|must|does|do|is|are)\s+(?:he|she|it|we|i|they|my\s+\w+|the\s+\w+))\s+"
    r"([^?]*?\w)\s+and\s+((?:also\s+|still\s+)?(?:go|play|eat|drink|sleep|walk|run|swim|ride|move|grow|spread|come|stay|"
    r"live|travel|fly|visit|have|get|take|need|keep|lose|use|work|help|hurt|start|stop|see|talk|be|do)\b[^?]*\??)$",
    re.IGNORECASE,
)
"""One beginning for two questions: "can he eat normally and go to school"."""
_SAME_QUESTION = re.compile(
    r"^(.*?\b(?:what(?:'s|s| is| are| was)|who(?:'s|s| is)|tell me(?: more)? about|explain(?: to me| to us)?|"
    r"talk about|difference between)\s+)(?:(?:an?|the|this|that)\s+)?((?:[\w'-]+\s+){0,3}[\w'-]+)\s+(?:and|or|&|n)\s+"
    r"(?:(?:about|an?|the|this|that)\s+)*((?:[\w'-]+\s+){0,3}[\w'-]+)(\W*)$",
    re.IGNORECASE,
)
"""One question about two things: "what is limb salvage and rotationplasty"."""
_ASKS_YES_OR_NO = re.compile(
    r"^\W*(?:(?:and|so|but|also|ok|hi|hello)\W+)*(?:is|are|will|can|could|does|do|did|should|would|has)\b.*(?:\s\S+){4}",
    re.IGNORECASE,
)
_VERB_IS_TO_COME = re.compile(
    r"^.*\b(?:how|what|which|whose)\b(?:(?!\s(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have)\b|'s\b).)*$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^\W*(?:(?:and|but|so|also|or)\s+)*(?:if (?!so\b|not\b)|once |since |because |after |"
    r"when (?!is|are|do|does|did|will|would|can|could|should|was|were))[^?]*$",
    re.IGNORECASE,
)
"""Half a sentence that another waits for: "if they can't save it, will he lose the leg"."""
_LEAST_WORDS = 2
STORY = 30
"""Words from which a message is a story, with a question somewhere in it."""


def parts(text: str) -> list[str]:
    """Return the parts of a message that may each be a question; empty where it is one alone.

    Args:
        text: what the family typed.

    Returns:
        At most `MOST_PARTS` parts that ask something, in order; none when the message
        cannot be divided.
    """
    pieces = [
        piece.strip()
        for sentence in _SENTENCE_END.split(text)
        for clause in _clauses(sentence)
        for piece in _unmarked(clause)
        if len(piece.split()) >= _LEAST_WORDS
    ]
    pieces = [part for piece in pieces for part in _with_beginning(piece)]
    if len(pieces) < 2:
        return []
    leans = shared_follow_ups().leans
    # "They will close the vessels. Why do they do that?" asks about what was said just before.
    whole = [
        # Half a sentence alone ("the lump / is there.") may look like a question that it is no half of.
        (f"{before} {piece}", f"{before} {piece}" if before[-1].isalnum() else piece)
        if before and not asks(before) and leans(piece)
        else (piece, piece)
        for before, piece in zip(["", *pieces], pieces, strict=False)
    ]
    if len(text.split()) < STORY:
        return [text for text, piece in whole if asks(piece) or asks(text)][-MOST_PARTS:]
    asked = [text for text, piece in whole if _asks_in_story(piece) or _asks_in_story(text)]
    # What has a question mark surely asks; of the rest the last count.
    by_mark = sorted(range(len(asked)), key=lambda at: ("?" in asked[at], at))
    return [asked[at] for at in sorted(by_mark[-MOST_PARTS:])]


def _clauses(sentence: str) -> list[str]:
    """Return a sentence divided where another question begins; a condition stays with what it is a condition of."""
    found: list[str] = []
    for clause in _NEXT_QUESTION.split(sentence):
        if found and _CONDITION.match(found[-1]):
            found[-1] += f", {clause}"
        else:
            found.append(clause)
    return found


def _unmarked(clause: str) -> list[str]:
    """Return a clause divided where a question begins without any mark."""
    pieces = [clause]
    for match in reversed(list(_UNMARKED.finditer(clause))):
        before = clause[: match.start()]
        if _VERB_IS_TO_COME.match(before) or (match["modal"] and _ASKS_YES_OR_NO.match(before) is None):
            # "How rare is it" and "what side effects will she have" are one question each.
            continue
        if len(before.split()) >= _LEAST_WORDS and _LEADS_ON.search(before) is None:
            pieces[:1] = [pieces[0][: match.start()], pieces[0][match.end() :]]
    return pieces


def _with_beginning(piece: str) -> list[str]:
    """Return two questions with one beginning as two, and any other piece as it is."""
    match = _SAME_BEGINNING.match(piece)
    if match is not None:
        return [f"{match[1]} {match[2]}", f"{match[1]} {match[3]}"]
    match = _SAME_QUESTION.match(piece)
    if match is not None:
        return [f"{match[1]}{match[2]}{match[4]}", f"{match[1]}{match[3]}{match[4]}"]
    return [piece]


def _asks_in_story(piece: str) -> bool:
    """Return whether a piece of a story asks something, plainly or in passing."""
    if _CONDITION.match(piece) or _RELATIVE.match(piece):
        return False
    return asks(piece) or _ASKS_IN_PASSING.search(piece) is not None


def asks(text: str) -> bool:
    """Return whether a piece of a message looks like a question."""
    return _ASKS.search(text) is not None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MessageParts(GraphComponent):
    """Notes on a message its parts that may each be a question, for the classifier to look at too."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageParts:
        """Create the component for training or serving (see GraphComponent)."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: a training phrase is one question."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the parts of each message."""
        for message in messages:
            message.set(PARTS, parts(message.get(KNOWN_AS) or message.get(TEXT) or ""))
        return messages
